"""What a customer reads who is asked for consent, in Turkish and English."""

from __future__ import annotations

from gateway.consent.purposes.models import Purpose

LANGUAGES = ("tr", "en")
PAGE: dict[str, dict[str, str]] = {
    "tr": {
        "title": "İzninizi onaylayın",
        "ask": "Onaylıyorum",
        "ignore": "Bunu siz istemediyseniz bir şey yapmanız gerekmez: onaylamadığınız sürece hiçbir şey değişmez.",
        "done": "Teşekkürler. İzniniz kaydedildi; dilediğiniz zaman geri alabilirsiniz.",
        "over": "Bu bağlantı artık geçerli değil.",
    },
    "en": {
        "title": "Confirm your consent",
        "ask": "I agree",
        "ignore": "If you did not ask for this, do nothing: nothing changes unless you agree.",
        "done": "Thank you. Your consent is recorded; you can withdraw it whenever you like.",
        "over": "This link is not valid any more.",
    },
}
_SENTENCES = {
    "tr": {
        "email": "{value} adresine e-posta gönderilmesini kabul ediyorum. Amaç: {purpose}.",
        "sms": "{value} numarasına kısa mesaj gönderilmesini kabul ediyorum. Amaç: {purpose}.",
    },
    "en": {
        "email": "I agree to e-mail being sent to {value}. Purpose: {purpose}.",
        "sms": "I agree to text messages being sent to {value}. Purpose: {purpose}.",
    },
}
_BODIES = {
    "tr": "{sentence}\n\nOnaylamak için: {{link}}\n\n{ignore}",
    "en": "{sentence}\n\nTo confirm: {{link}}\n\n{ignore}",
}


def sentence(language: str, channel: str, value: str, purpose: Purpose) -> str:
    """What the customer agrees to; these very words are kept as evidence."""
    title = purpose.turkish if language == "tr" else purpose.english
    return _SENTENCES[language][channel].format(value=value, purpose=title)


def message(language: str, channel: str, value: str, purpose: Purpose) -> dict[str, str]:
    """Subject and body of the message; `{link}` stands where the address belongs."""
    words = PAGE[language]
    said = sentence(language, channel, value, purpose)
    parts = {"sentence": said.replace("{", "(").replace("}", ")"), "ignore": words["ignore"]}
    return {"subject": words["title"], "body": _BODIES[language].format(**parts)}
