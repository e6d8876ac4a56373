"""Given and family names of the demo's people, and the words its companies are named from. Cem is left for one man."""

MEN = (
    "Mehmet", "Mustafa", "Ahmet", "Ali", "Hüseyin", "Hasan", "İbrahim", "İsmail", "Osman", "Yusuf", "Murat", "Ömer",
    "Ramazan", "Halil", "Süleyman", "Abdullah", "Mahmut", "Recep", "Salih", "Fatih", "Kadir", "Emre", "Hakan",
    "Adem", "Kemal", "Yaşar", "Bekir", "Musa", "Metin", "Orhan", "Bayram", "Serkan", "Cihan", "Furkan", "Gökhan",
    "Burak", "Uğur", "Yunus", "Erkan", "Oğuzhan", "Çağrı", "Şükrü", "Işık", "Ilgaz", "İlker", "Barış", "Tuğrul",
    "Doğukan", "Mehmet Ali", "Ali İhsan", "Hacı Ömer",
)  # fmt: skip

WOMEN = (
    "Fatma", "Ayşe", "Emine", "Hatice", "Zeynep", "Elif", "Meryem", "Şerife", "Sultan", "Hanife", "Merve", "Havva",
    "Zehra", "Esra", "Özlem", "Büşra", "Yasemin", "Hülya", "Melek", "Leyla", "Dilek", "Songül", "Sevgi", "Gülsüm",
    "Kübra", "Tuğba", "Ebru", "Derya", "Pınar", "Gizem", "Özge", "Çiğdem", "Şule", "Irmak", "Işıl", "İpek", "İlknur",
    "Ceylan", "Nazlı", "Filiz", "Gülay", "Sevim", "Tülay", "Ümmühan", "Yıldız", "Şeyma", "Duygu", "Ayşe Gül",
    "Fatma Nur", "Elif Su",
)  # fmt: skip

FAMILIES = (
    "Yılmaz", "Kaya", "Demir", "Çelik", "Şahin", "Yıldız", "Yıldırım", "Öztürk", "Aydın", "Özdemir", "Arslan",
    "Doğan", "Kılıç", "Aslan", "Çetin", "Kara", "Koç", "Kurt", "Özkan", "Şimşek", "Polat", "Özcan", "Korkmaz",
    "Çakır", "Erdoğan", "Yavuz", "Can", "Acar", "Şen", "Aktaş", "Güler", "Yalçın", "Güneş", "Bozkurt", "Bulut",
    "Keskin", "Ünal", "Turan", "Gül", "Özer", "Işık", "Kaplan", "Avcı", "Sarı", "Tekin", "Taş", "Köse", "Yüksel",
    "Ateş", "Aksoy", "Uysal", "Ceylan", "Karaca", "Duman", "Çoban", "Uçar", "Tunç", "İnce", "Ilgın", "Altıntaş",
    "Toprak", "Balcı", "Şeker", "Uğurlu", "Gümüş", "Bayrak", "Pınar", "Ekinci", "Karataş", "Sezer", "Gök", "Öz",
    "Başaran", "Çiftçi", "Yiğit", "Ersoy", "Coşkun", "Ağaç", "Oğuz", "Çalışkan", "Dağlı", "İpekçi", "Sığırcı",
    "Ihlamurlu", "Söğütlü", "Kırlangıç", "Değirmenci", "Bağcı", "Eğilmez", "Işıtan", "Üstün", "Zengin",
)  # fmt: skip

COMPANY_WORDS = (
    "Porsuk", "Sakarya", "Kızılırmak", "Gediz", "Değirmendere", "Bozdağ", "Zigana", "Efeler", "Çağlayan", "Işıkkent",
    "Yediveren", "Şafak", "Uğurböceği", "Kıyı", "Doruk", "Yayla", "İmece", "Ilıca", "Gökkuşağı", "Başak", "Turna",
    "Leylek", "Kervan", "Menzil",
)  # fmt: skip

COMPANY_TRADES = (
    "Filo Kiralama", "Lojistik", "Gıda Dağıtım", "İnşaat", "Turizm", "Tıbbi Malzeme", "Taşımacılık", "Yapı Market",
    "Tarım", "Güvenlik", "Temizlik Hizmetleri", "Mühendislik",
)  # fmt: skip

COMPANY_FORMS = ("A.Ş.", "Ltd. Şti.", "Kollektif Şti.")

STAFF = (
    "Nurcan Çelebi", "Tolga Işıkoğlu", "Sibel Gürağaç", "Volkan Taşçı", "Dilara İnci", "Cengiz Ağırbaş",
    "Şeyda Öğüt", "Kaan Yıldıran",
)  # fmt: skip

_TO_ASCII = str.maketrans("çÇğĞıIİöÖşŞüÜâÂîÎ", "cCgGiIIoOsSuUaAiI")


def to_ascii(text: str) -> str:
    """The text as somebody without a Turkish keyboard types it: Şükrü Ağaç becomes Sukru Agac."""
    return text.translate(_TO_ASCII)


def to_folded(text: str) -> str:
    """The text for tolerant search: ASCII letters in lower case, so ışık, IŞIK and isik are one."""
    return to_ascii(text).lower()
