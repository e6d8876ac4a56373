"""Where the demo's customers live: cities with their districts, and how each dealer's customers spread over them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A province: its plate number begins every postal code in it."""

    name: str
    plate: int
    region: str
    districts: tuple[str, ...]


_ALL = (
    City("Eskişehir", 26, "İç Anadolu", ("Odunpazarı", "Tepebaşı", "Sivrihisar", "Çifteler", "Seyitgazi", "İnönü")),
    City("Ankara", 6, "İç Anadolu", ("Çankaya", "Keçiören", "Yenimahalle", "Mamak", "Etimesgut", "Gölbaşı", "Polatlı")),
    City("İzmir", 35, "Ege", ("Konak", "Karşıyaka", "Bornova", "Buca", "Çiğli", "Urla", "Ödemiş", "Bayındır")),
    City("Trabzon", 61, "Karadeniz", ("Ortahisar", "Akçaabat", "Araklı", "Of", "Yomra", "Sürmene", "Vakfıkebir")),
    City("Kütahya", 43, "Ege", ("Merkez", "Tavşanlı", "Simav", "Gediz")),
    City("Bilecik", 11, "Marmara", ("Merkez", "Bozüyük", "Söğüt")),
    City("Afyonkarahisar", 3, "Ege", ("Merkez", "Sandıklı", "Dinar", "Emirdağ")),
    City("Konya", 42, "İç Anadolu", ("Selçuklu", "Meram", "Ereğli", "Akşehir")),
    City("Kırıkkale", 71, "İç Anadolu", ("Merkez", "Yahşihan", "Keskin")),
    City("Çankırı", 18, "İç Anadolu", ("Merkez", "Ilgaz", "Çerkeş")),
    City("Manisa", 45, "Ege", ("Şehzadeler", "Yunusemre", "Akhisar", "Turgutlu", "Salihli")),
    City("Aydın", 9, "Ege", ("Efeler", "Nazilli", "Söke", "Kuşadası")),
    City("Rize", 53, "Karadeniz", ("Merkez", "Çayeli", "Ardeşen", "Pazar")),
    City("Giresun", 28, "Karadeniz", ("Merkez", "Bulancak", "Görele")),
    City("Gümüşhane", 29, "Karadeniz", ("Merkez", "Kelkit", "Torul")),
)

CITIES = {city.name: city for city in _ALL}

AROUND = {
    "eskisehir": {"Eskişehir": 80, "Kütahya": 8, "Bilecik": 5, "Afyonkarahisar": 4, "Ankara": 3},
    "ankara": {"Ankara": 80, "Eskişehir": 6, "Konya": 6, "Kırıkkale": 5, "Çankırı": 3},
    "izmir": {"İzmir": 82, "Manisa": 9, "Aydın": 7, "Eskişehir": 2},
    "trabzon": {"Trabzon": 80, "Rize": 9, "Giresun": 7, "Gümüşhane": 3, "Ankara": 1},
}
"""How many of a hundred customers of each dealer live in which city."""

NEIGHBOURHOODS = (
    "Gökmeydan", "Vişnelik", "Akarbaşı", "Yenidoğan", "Işıklar", "Çamlıca", "Fatih", "Şirintepe", "Bahçelievler",
    "Gültepe", "Ihlamurkent", "Kızılcıklı", "Yeşiltepe", "Çınarlı", "Cumhuriyet", "İstiklal", "Hürriyet", "Zafer",
    "Barış", "Güllük",
)  # fmt: skip

STREETS = (
    "Menekşe", "Lale", "Papatya", "Ihlamur", "Çınar", "Söğüt", "Gül", "Kardelen", "Şebboy", "Karanfil", "Zambak",
    "Yasemin", "Sümbül", "Nergis", "Akasya", "Defne", "Kavak", "Meşe", "Kestane", "İğde", "Erguvan", "Leylak",
    "Ardıç", "Sedir",
)  # fmt: skip
