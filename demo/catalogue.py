"""What the dealers sell: invented models, accessories and workshop jobs, at whole Turkish lira before haggling."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """One thing with a price; `body_type` only for cars."""

    sku: str
    name: str
    price: int
    body_type: str | None = None


CARS = (
    Product("LDS-16", "Lodos 1.6 Sedan", 1_480_000, "sedan"),
    Product("KRV-20", "Kervansaray 2.0 Sedan", 2_150_000, "sedan"),
    Product("ISL-E", "Işıltı Elektrikli Sedan", 1_890_000, "sedan"),
    Product("YYL-4Y", "Yaylacı 4Y SUV", 2_420_000, "suv"),
    Product("BZK-18", "Bozkırlı 1.8 SUV", 1_960_000, "suv"),
    Product("CKR-12", "Çekirgecik 1.2 Hatchback", 1_090_000, "hatchback"),
    Product("KBR-E", "Kibrit Elektrikli Hatchback", 1_340_000, "hatchback"),
    Product("HYB-16", "Heybeli 1.6 Station Wagon", 1_620_000, "station_wagon"),
    Product("KVL-GT", "Kıvılcım Coupé", 2_780_000, "coupe"),
    Product("YKL-20", "Yüklük 2.0 Van", 1_710_000, "van"),
)

ACCESSORIES = (
    Product("AKS-101", "Kauçuk paspas takımı", 2_450),
    Product("AKS-117", "Kış lastiği (4 adet)", 28_900),
    Product("AKS-120", "Tavan barı", 9_800),
    Product("AKS-133", "Çocuk koltuğu", 11_200),
    Product("AKS-148", "Ön-arka kamera seti", 14_750),
    Product("AKS-152", "Bagaj havuzu", 3_150),
)

WORKSHOP = (
    Product("SRV-010", "Periyodik bakım", 8_900),
    Product("SRV-021", "Fren balatası değişimi", 6_400),
    Product("SRV-034", "Klima gazı dolumu", 2_900),
    Product("SRV-042", "Akü değişimi", 7_350),
    Product("SRV-055", "Rot balans ayarı", 2_100),
    Product("SRV-068", "Boya ve kaporta onarımı", 18_600),
)

OTHER_BODIES = ("suv", "hatchback", "station_wagon", "coupe", "van")
OTHER_BODY_WEIGHTS = (46, 34, 10, 5, 5)
