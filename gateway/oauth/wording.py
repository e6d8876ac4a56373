"""What the pages say, in Turkish and English."""

from __future__ import annotations

LANGUAGES = ("tr", "en")

WORDS: dict[str, dict[str, str]] = {
    "tr": {
        "sign_in": "Oturum aç",
        "username": "Kullanıcı adı",
        "password": "Parola",
        "sign_out": "Oturumu kapat",
        "signed_in_as": "Oturum açan:",
        "signed_out": "Oturum kapatıldı.",
        "wrong": "Kullanıcı adı ya da parola doğru değil.",
        "too_many": "Çok fazla başarısız deneme oldu. Biraz bekleyip yeniden deneyin.",
        "stale_form": "Sayfanın süresi dolmuş. Lütfen yeniden deneyin.",
        "asks": "şunlar için izin istiyor:",
        "allow": "İzin ver",
        "deny": "Reddet",
        "goes_to": "Yanıt şu adrese gönderilir:",
        "cannot_go_on": "Devam edilemiyor",
        "wrong_account": "Bu hesap bu uygulamayı kullanamaz. Başka bir hesapla oturum açın.",
        "bad_request": "Uygulamanın isteği doğru değil. Uygulamaya dönüp yeniden deneyin.",
    },
    "en": {
        "sign_in": "Sign in",
        "username": "Username",
        "password": "Password",
        "sign_out": "Sign out",
        "signed_in_as": "Signed in as",
        "signed_out": "You are signed out.",
        "wrong": "The username or the password is not right.",
        "too_many": "There were too many failed attempts. Wait a while and try again.",
        "stale_form": "This page was too old. Please try again.",
        "asks": "asks to be allowed to:",
        "allow": "Allow",
        "deny": "Refuse",
        "goes_to": "The answer is sent to",
        "cannot_go_on": "This cannot go on",
        "wrong_account": "This account cannot use that application. Sign in with another one.",
        "bad_request": "The application's request is not right. Go back to it and try again.",
    },
}
