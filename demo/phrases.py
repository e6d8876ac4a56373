"""What dealers and customers say to each other: subject, body and outcome by kind; {model} and {part} are filled in."""

from dataclasses import dataclass

Phrase = tuple[str, str, str]  # subject, body, outcome


@dataclass(frozen=True, slots=True)
class Manner:
    """How interactions of one kind happen: over which channels, how often incoming, how often rated, in what words."""

    channels: tuple[str, ...]
    incoming: float
    rated: float
    phrases: tuple[Phrase, ...]


MANNERS = {
    "inquiry": Manner(
        ("phone", "phone", "web", "web", "chat", "visit", "email", "message"),
        0.92,
        0.15,
        (
            ("{model} fiyatı", "{model} için güncel fiyatı ve teslim süresini sordu.", "bilgi verildi"),
            ("Deneme sürüşü", "{model} ile hafta sonu deneme sürüşü yapmak istiyor.", "randevu verildi"),
            ("Takas", "Eski aracını {model} ile takas etmek istiyor, ekspertiz için bilgi aldı.", "bilgi verildi"),
            ("Kredi seçenekleri", "{model} için 36 aya kadar taşıt kredisini sordu.", "geri aranacak"),
            ("Stok durumu", "{model} beyaz renk stokta var mı diye sordu.", "bilgi verildi"),
        ),
    ),
    "complaint": Manner(
        ("phone", "phone", "email", "message", "visit", "web"),
        1.0,
        0.7,
        (
            ("Geç teslimat", "{model} söz verilen tarihte teslim edilmedi, gecikmeden şikâyetçi.", "özür dilendi"),
            ("Ön göğüsten ses", "{model} soğuk havada ön göğüsten gıcırtı yapıyor.", "servise alındı"),
            ("Geri aranmadı", "İki kez aradığını, kimsenin geri dönmediğini söyledi.", "çözüldü"),
            ("Servis ücreti", "Servis faturasındaki işçilik bedelini yüksek buldu.", "açık"),
        ),
    ),
    "service": Manner(
        ("store", "store", "store", "phone", "web"),
        0.85,
        0.55,
        (
            ("{part}", "{model} için {part} yapıldı, yol testi tamamlandı.", "tamamlandı"),
            ("{part} ve kontrol", "{part} yapıldı; yağ, su ve lastik basınçları kontrol edildi.", "tamamlandı"),
            ("Servis: {part}", "Araç sabah bırakıldı, {part} sonrası akşam teslim edildi.", "tamamlandı"),
        ),
    ),
    "offer": Manner(
        ("email", "email", "phone", "message", "visit"),
        0.0,
        0.05,
        (
            (
                "{model} teklifi",
                "{model} için kampanyalı fiyat teklifi iletildi.",
                "yanıt bekleniyor",
            ),
            ("Takas teklifi", "Mevcut aracına değer biçildi, {model} için takas teklifi verildi.", "düşünecek"),
            ("Bakım paketi", "Üç yıllık bakım paketi önerildi.", "ilgilenmedi"),
            ("Kış hazırlığı", "Lastik ve akü kontrolünde indirim teklif edildi.", "kabul etti"),
        ),
    ),
    "purchase": Manner(
        ("store", "store", "store", "visit", "web"),
        1.0,
        0.6,
        (
            ("Satış: {part}", "{part} satışı yapıldı, fatura kesildi.", "satıldı"),
            ("{part} teslimatı", "{part} teslim edildi, kullanım anlatıldı.", "satıldı"),
        ),
    ),
    "other": Manner(
        ("message", "email", "phone", "chat"),
        0.4,
        0.05,
        (
            ("Adres değişikliği", "Yeni adresini bildirdi, kayıt güncellendi.", "tamamlandı"),
            ("Bayram tebriği", "Bayram tebrik mesajı gönderildi.", "gönderildi"),
            ("Muayene hatırlatması", "Araç muayene tarihi hatırlatıldı.", "gönderildi"),
            ("Ruhsat teslimi", "Ruhsat ve plaka evrakının hazır olduğu bildirildi.", "tamamlandı"),
        ),
    ),
}

KINDS_BY_STATUS = {
    "prospect": (("inquiry", "offer", "other"), (55, 35, 10)),
    "active": (("inquiry", "complaint", "service", "offer", "purchase", "other"), (18, 9, 36, 13, 13, 11)),
    "inactive": (("inquiry", "complaint", "service", "offer", "purchase", "other"), (16, 18, 26, 22, 10, 8)),
}

CEM_STORY = (
    ("inquiry", "web", "Sedan arıyorum", "Bagajı geniş, az yakan bir sedan arıyor; Lodos 1.6 Sedan ilgisini çekti."),
    (
        "inquiry",
        "visit",
        "Deneme sürüşü",
        "Lodos 1.6 Sedan ile Porsuk boyunca sürdü, çok beğendi.",
    ),
    ("purchase", "store", "Satış: Lodos 1.6 Sedan", "Lodos 1.6 Sedan teslim edildi; anahtarı eşiyle birlikte aldı."),
)
