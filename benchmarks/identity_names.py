"""The words that the generated population of the identity benchmarks is made of, with how often each occurs.

Weights fall with rank as in the published lists of the Turkish Statistical Institute (the most frequent man's name is
borne by about 4 % of men, the most frequent surname by about 1.5 % of people). Written for the benchmark alone: the
matcher's tables are other files, and neither reads the other's.
"""

from __future__ import annotations

MEN = """Mehmet Mustafa Ahmet Ali Hüseyin Hasan İbrahim İsmail Osman Yusuf Murat Ömer Ramazan Halil Süleyman Abdullah
Mahmut Recep Salih Fatih Kadir Emre Hakan Adem Kemal Yaşar Bekir Musa Metin Orhan Bayram Serkan Furkan Burak Gökhan
Uğur Yunus Erkan Muhammed Enes Hamza Emirhan Eymen Kerem Miraç Ömer_Asaf Çınar Yiğit Berat Alparslan Göktuğ Kaan Deniz
Onur Volkan Tolga Cem Can Barış Tuncay Turgut Şükrü Sinan Selim Serdar Engin Ercan Erdal Ertuğrul Ferhat Fikret Gürkan
Haluk Harun Hikmet İlhan İlker İlyas İrfan Kazım Kenan Levent Lütfi Mesut Mevlüt Muharrem Muzaffer Nazım Necati Nihat
Nurettin Okan Oktay Orçun Özgür Özkan Rıza Sabri Sadık Savaş Sedat Selçuk Şaban Şahin Şenol Tahsin Tamer Taner Tarık
Tayfun Tuğrul Turan Ümit Vedat Veli Yakup Yasin Yavuz Yılmaz Yüksel Zafer Zeki Ziya Mehmet_Ali Ali_İhsan Hacı_Ömer
Mustafa_Kemal Muhammet_Emin Halil_İbrahim Ahmet_Can Işık Ilgaz Tufan Poyraz Doruk Atilla Bülent Cemal Cengiz Coşkun
Davut Dursun Ekrem Enver Erol Ersin Faruk Galip Hamdi Haydar Hilmi""".split()  # noqa: SIM905

WOMEN = """Fatma Ayşe Emine Hatice Zeynep Elif Meryem Şerife Zehra Sultan Hanife Merve Havva Esra Özlem Büşra Yasemin
Hülya Melek Leyla Dilek Songül Sevgi Gülsüm Kübra Tuğba Ebru Derya Pınar Gizem Özge Çiğdem Şule Irmak Işıl İpek İlknur
Ceylan Nazlı Filiz Gülay Sevim Tülay Ümmühan Yıldız Şeyma Duygu Sibel Serpil Nurcan Nurten Nuray Nevin Neslihan
Necla Münevver Mine Meral Makbule Kader Kadriye İnci Hacer Gülseren Gülşen Gülten Gönül Figen Feride Fadime Eda
Döndü Didem Demet Cemile Canan Burcu Betül Berna Bahar Ayten Aysun Aynur Aslı Arzu Asiye Aliye Ayşegül Ayşenur Azra
Nehir Defne Asel Zümra Ecrin Hiranur Eylül Miray Beren Ela Nisa Rabia Rukiye Saliha Satı Seda Seher Selma Semra Senem
Sevda Sevil Şengül Şükran Tuba Türkan Vildan Yeliz Yeter Zeliha Zübeyde Ayşe_Gül Fatma_Nur Elif_Su Hatice_Kübra
Zeynep_Sude Emine_Nur Bedriye Belgin Birgül Dilara Fidan Gülcan Habibe Halime Hamide İkbal Kezban Lale""".split()  # noqa: SIM905

FAMILIES = """Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin Kara
Koç Kurt Özkan Şimşek Polat Özcan Korkmaz Çakır Erdoğan Yavuz Can Acar Şen Aktaş Güler Yalçın Güneş Bozkurt Bulut
Keskin Ünal Turan Gül Özer Işık Kaplan Avcı Sarı Tekin Taş Köse Yüksel Ateş Aksoy Uysal Ceylan Karaca Duman Çoban
Uçar Tunç İnce Altıntaş Toprak Balcı Şeker Uğurlu Gümüş Bayrak Pınar Ekinci Karataş Sezer Gök Öz Başaran Çiftçi Yiğit
Ersoy Coşkun Ağaç Oğuz Çalışkan Dağlı Bilgin Soylu Karakaya Kartal Durmaz Demirci Akın Akbaş Türk Sönmez Aydoğan
Bayram Tosun Erol Güven Kahraman Aslantaş Baran Deniz Eren Genç Karabulut Kocabaş Mutlu Özbek Parlak Sağlam Tuncer
Varol Yaman Zengin Akyüz Altun Ay Bal Baş Bayraktar Bektaş Bilir Bingöl Boz Candan Cengiz Çam Çınar Dinç Dursun Er
Ergin Esen Gökçe Göçmen Günay Gündüz İpek Kalkan Karadağ Kayaalp Kızıl Kocaman Konak Kuş Oral Orhan Önal Özgür Pektaş
Sarıkaya Sever Soysal Süer Tan Temiz Tetik Topal Uçan Us Ünlü Yaşar Yazıcı Yücel Zorlu""".split()  # noqa: SIM905

# A quarter of the people have one of many rare surnames, put together as the Surname Act of 1934 had them made.
STEMS = """Ak Kara Gök Bay Demir Kılıç Çelik Taş Dağ Kaya Yıl Güç Er Alp Tun Boz Sarı Kızıl Yeşil Al Altın Gümüş Bakır
Arslan Kaplan Kurt Doğan Şahin Kartal Koç Boğa Geyik Çoban Deniz Irmak Çay Göl Su Orman Çam Meşe Çınar Gül Lale Buğday
Arpa Hancı Değirmen Kuyu Bağ Bahçe Köprü Yol İz Ün Öz Söz Göz Yüz Baş Kol Can Soy Ulu Yüce Genç Koca Ince Uzun Kısa
Topal Kör Sağır Çolak Hoca Hacı Molla Paşa Bey Ağa Usta Çavuş Yüzbaşı Tüfekçi Barut Saat Kazan Bıçak Makas""".split()  # noqa: SIM905
ENDINGS = """oğlu oğulları lı er türk taş can dağ soy kan kaya alp man gil bay tepe su demir han yurt ova göz el
tekin gün sel ay yılmaz özü baş kol bulut kent pınar çay öz""".split()  # noqa: SIM905

PLACES = {
    "İstanbul": (34, 18.3, "Esenyurt Küçükçekmece Pendik Ümraniye Bağcılar Bahçelievler Üsküdar Kadıköy Maltepe"),
    "Ankara": (6, 6.8, "Çankaya Keçiören Yenimahalle Mamak Etimesgut Sincan Altındağ Pursaklar Polatlı Gölbaşı"),
    "İzmir": (35, 5.2, "Buca Karabağlar Bornova Konak Karşıyaka Bayraklı Çiğli Torbalı Menemen Ödemiş"),
    "Bursa": (16, 3.7, "Osmangazi Yıldırım Nilüfer İnegöl Gemlik Mustafakemalpaşa Mudanya"),
    "Antalya": (7, 3.2, "Kepez Muratpaşa Alanya Manavgat Konyaaltı Serik Kumluca"),
    "Konya": (42, 2.7, "Selçuklu Meram Karatay Ereğli Akşehir Beyşehir Çumra"),
    "Adana": (1, 2.7, "Seyhan Yüreğir Çukurova Sarıçam Ceyhan Kozan"),
    "Şanlıurfa": (63, 2.6, "Eyyübiye Haliliye Siverek Viranşehir Karaköprü Suruç"),
    "Gaziantep": (27, 2.5, "Şahinbey Şehitkamil Nizip İslahiye"),
    "Kocaeli": (41, 2.5, "Gebze İzmit Darıca Körfez Gölcük Çayırova"),
    "Mersin": (33, 2.3, "Tarsus Toroslar Yenişehir Akdeniz Mezitli Erdemli"),
    "Diyarbakır": (21, 2.1, "Bağlar Kayapınar Yenişehir Ergani Bismil Sur"),
    "Kayseri": (38, 1.7, "Melikgazi Kocasinan Talas Develi"),
    "Manisa": (45, 1.7, "Yunusemre Akhisar Şehzadeler Turgutlu Salihli"),
    "Samsun": (55, 1.6, "İlkadım Atakum Bafra Çarşamba Canik"),
    "Balıkesir": (10, 1.5, "Karesi Altıeylül Edremit Bandırma Gönen"),
    "Van": (65, 1.3, "İpekyolu Erciş Tuşba Edremit"),
    "Aydın": (9, 1.3, "Efeler Nazilli Söke Kuşadası"),
    "Denizli": (20, 1.2, "Pamukkale Merkezefendi Çivril Acıpayam"),
    "Sakarya": (54, 1.3, "Adapazarı Serdivan Akyazı Erenler"),
    "Trabzon": (61, 1.0, "Ortahisar Akçaabat Araklı Of"),
    "Eskişehir": (26, 1.1, "Odunpazarı Tepebaşı Sivrihisar Çifteler"),
    "Malatya": (44, 1.0, "Battalgazi Yeşilyurt Doğanşehir"),
    "Erzurum": (25, 0.9, "Yakutiye Palandöken Aziziye Horasan"),
    "Sivas": (58, 0.8, "Merkez Şarkışla Yıldızeli Suşehri"),
    "Tokat": (60, 0.7, "Merkez Erbaa Turhal Niksar Zile"),
    "Çorum": (19, 0.6, "Merkez Sungurlu Osmancık İskilip"),
    "Kütahya": (43, 0.7, "Merkez Tavşanlı Simav Gediz"),
    "Çanakkale": (17, 0.7, "Merkez Biga Çan Gelibolu"),
    "Uşak": (64, 0.5, "Merkez Banaz Eşme"),
    "Rize": (53, 0.4, "Merkez Çayeli Ardeşen Pazar"),
    "Iğdır": (76, 0.3, "Merkez Tuzluca Aralık"),
    "Yalova": (77, 0.4, "Merkez Çiftlikköy Çınarcık"),
}
"""A province: its plate number, its share of the population in percent, and districts, the largest first."""

QUARTERS = """Cumhuriyet Yeni Fatih Bahçelievler Hürriyet Atatürk Yıldırım İstiklal Merkez Camikebir Yenidoğan Çamlıca
Fevzi_Çakmak Barbaros Mimar_Sinan Esentepe Kültür Zafer Gazi İnönü Mevlana Şirinevler Akşemsettin Yavuz_Selim
Osmangazi Karşıyaka Güzelyalı Adnan_Menderes Turgut_Özal Yunus_Emre Gültepe Işıklar Ihlamurkent""".split()  # noqa: SIM905
STREETS = """Atatürk Cumhuriyet İstiklal İnönü Gazi Lale Menekşe Papatya Gül Karanfil Çınar Ihlamur Söğüt Akasya Zambak
Yasemin Sümbül Nergis Defne Kavak Meşe Kestane Şehit_Ali_Kaya Okul Cami Çeşme Değirmen Bağlar Pınar Dere Tepe
Fabrika Hastane Stadyum Park Kardelen Leylak Erguvan Manolya Orkide Şelale Yıldız Güneş Barış Huzur Uğur Işık""".split()  # noqa: SIM905

COMPANY_NAMES = """Porsuk Sakarya Kızılırmak Gediz Bozdağ Zigana Çağlayan Işıkkent Yediveren Şafak Doruk Yayla İmece
Ilıca Gökkuşağı Başak Turna Kervan Menzil Anadolu Marmara Ege Akdeniz Karadeniz Toros Uludağ Erciyes Ağrı Hazar Güney
Kuzey Doğu Batı Öncü Lider Güven Yıldız Ay Güneş Deniz Mavi Yeşil Kardelen Lale Zümrüt Yakut İnci Mercan Atlas Orion
Vega Nova Delta Omega Sigma Alfa Beta Prizma Piramit Mega Ultra Ekol Simge Marka Hedef Zirve Ufuk Umut Özlem Bereket
Hilal Yağmur Rüzgar Bulut Toprak Taş Demir Çelik Altın Gümüş""".split()  # noqa: SIM905
TRADES = """Gıda İnşaat Tekstil Turizm Lojistik Otomotiv Tarım Mobilya Elektrik Makina Plastik Kimya Temizlik Güvenlik
Mühendislik Danışmanlık Bilişim Sağlık Eğitim Reklam Matbaa Nakliyat Metal Orman_Ürünleri Tıbbi_Cihaz Yapı Enerji
Madencilik Seramik Ambalaj""".split()  # noqa: SIM905
JOINT = ("A.Ş.", "Anonim Şirketi", "San. ve Tic. A.Ş.", "Sanayi ve Ticaret A.Ş.", "San. Tic. A.Ş.")
LIMITED = ("Ltd. Şti.", "Limited Şirketi", "San. ve Tic. Ltd. Şti.", "Tic. Ltd. Şti.", "Sanayi ve Ticaret Ltd. Şti.")

NICKNAMES = {
    "Mehmet": "Memo Mehmed", "Mustafa": "Mıstık Musti", "Ahmet": "Ahmed Ahmo", "Fatma": "Fatoş Fadime",
    "Ayşe": "Ayşo Ayşoş", "Emine": "Emoş Eminoş", "Hatice": "Hatçe Hatoş", "Zeynep": "Zeyno", "İbrahim": "İbo İbiş",
    "Süleyman": "Sülo Süleymen",
    "Hasan": "Haso", "Hüseyin": "Hüso Hüseyn", "Ramazan": "Ramo", "Abdullah": "Apo", "İsmail": "İsmo", "Osman": "Osi",
    "Halil": "Halo", "Kemal": "Kemo", "Mahmut": "Mahmud Maho", "Yusuf": "Yuso Yusif", "Melahat": "Melo",
    "Cemal": "Cemo", "Murat": "Murad", "Recep": "Receb", "Şükrü": "Şüko", "Zehra": "Zehoş", "Yasemin": "Yaso",
}  # fmt: skip
"""What some are called; a third of these forms are in no table of the matcher, as in life."""
MAILS = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "mynet.com")
