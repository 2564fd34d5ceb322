package listing

// monthNames holds, month by month, the names that ls writes in the usual
// locales: abbreviated and whole, in the nominative and the genitive, with and
// without accents; lower-case, without a full stop. Names that mean different
// months in two languages are in contestedMonths.
var monthNames = [12]string{
	"ean eanair eanáir ene enero gen gener genier genièr gennaio genver ian ianuarie ion ionawr jaan " +
		"jaanuar jaen jan janar janeiro jannar janner januar januari januarie januaro january január janv " +
		"janvaris janvier janvāris janúar jän jänner led leden ledna oca ocak saus sausio sausis sij sijecanj " +
		"sijecnja siječanj siječnja sty styczen styczeń stycznia tammi tammikuu urt urtarrila xan xaneiro xin " +
		"xineru yan yanvar yanwar ýan ýanwar ιαν ιανουάριος ιανουαρίου сту студзень студзеня січ січень січня " +
		"янв январ январь января яну януари јан јануар јануари қаң қаңтар հնվ հունվար հունվարի ינו ינואר " +
		"جانفي جنوری ينا يناير ژانویه जन जनवरी जन॰ जाने जानेवारी জানু জানুয়ারী ஜன ஜனவரி జన జనవరి ಜನ ಜನವರಿ " +
		"ജനു ജനുവരി ม.ค มกราคม იან იანვარი 一月",
	"chw chwefror cʼhw cʼhwevrer fbro feabh feabhra feb febbraio febr febreiro febrer febrero febreru " +
		"febrier febrièr februar februari februarie februaris februaro february február februāris febrúar fev " +
		"fevereiro fevr fevral fevrier few fewral fra frar fév févr février helmi helmikuu lut lutego luty " +
		"ots otsaila peb pebrero shk shkurt sub subat uno unor unora vas vasario vasaris veebr veebruar vel " +
		"velj veljaca veljace veljača veljače úno únor února şub şubat φεβ φεβρουάριος φεβρουαρίου ақп ақпан " +
		"лют лютага лютий лютого люты феб фебруар фев феврал февраль февраля февруари փետրվար փետրվարի փտր " +
		"פבר פברואר شباط فبر فبراير فروری فوریه فيفري फ़रवरी फ़र॰ फेब्रु फेब्रुअरी फेब्रुवारी ফেব ফেব্রুয়ারী " +
		"பிப் பிப்ரவரி ఫిబ్ర ఫిబ్రవరి ಫೆಬ್ರ ಫೆಬ್ರವರಿ ഫെബ്രു ഫെബ്രുവരി ก.พ กุมภาพันธ์ თებ თებერვალი 二月",
	"bre brezen brezna bře březen března kov kovas kovo maalis maaliskuu maart mac maer maerz mar marc " +
		"marca march marcius marco marec maret mars marso mart marta martie marto marts martxoa marz marzec " +
		"marzo marzu març março maw mawrth meu meurzh mrs mrt mrz mzo márc március márta mäe mäerz mär märts " +
		"märz ozu ozuj ozujak ozujka ožu ožuj ožujak ožujka μάρ μάρτιος μαρ μαρτίου бер березень березня мар " +
		"март марта нау наурыз сак сакавік сакавіка մար մարտ մարտի מרץ آذار مار مارس مارچ मार्च মার্চ மார் " +
		"மார்ச் మార్చి ಮಾರ್ಚ್ മാർ മാർച്ച് มี.ค มีนาคม მარ მარტი 三月",
	"abr abrell abril abrëll aib aibrean aibreán api apirila apr aprel april aprile aprilie aprilis " +
		"aprill aprilo apríl aprīlis avr avril bal balandis balandzio balandžio dub duben dubna d’abr d’abril " +
		"ebr ebrel ebrill huhti huhtikuu kwi kwiecien kwiecień kwietnia nis nisan pri prill tra travanj " +
		"travnja ápr április απρ απρίλιος απριλίου апр апрел апрель апреля април кві квітень квітня кра " +
		"красавік красавіка сәу сәуір ապր ապրիլ ապրիլի אפר אפריל آوریل أبر أبريل أفريل اپریل نيسان अप्रिल " +
		"अप्रैल एप्रि एप्रिल এপ্রিল ஏப் ஏப்ரல் ఏప్రి ఏప్రిల్ ಏಪ್ರಿ ಏಪ್ರಿಲ್ ഏപ്രി ഏപ്രിൽ เม.ย เมษายน აპრ " +
		"აპრილი 四月",
	"beal bealtaine geg geguze geguzes gegužė gegužės kve kveten kvetna kvě květen května mae mag maggio " +
		"mai maiatza maig maijs maio maj maja majo majus may mayo mayu mayıs maí maý mee mei mej mejju máj " +
		"május svi svibanj svibnja touko toukokuu μάι μάιος μαΐ μαΐου май мам мамыр мая мај тра травень " +
		"травня մայ մայիս մայիսի מאי أيار مئی ماي مايو مه मई मे মে மே మే ಮೇ മേയ് พ.ค พฤษภาคม მაი მაისი 五月",
	"birz birzelio birzelis birž birželio birželis cen cerven cervna cze czerwca czerwiec eka ekaina giu " +
		"giugno gun gunju haz haziran hun hunyo iun iunie iyn iyun iýn iýun i̇yn juin jun june junh junho " +
		"juni junie junij junijs junio junius juny juuni jún június júní jūn jūnijs kesa kesakuu kesä kesäkuu " +
		"lipanj lipnja meh mehefin meith meitheamh mezh mezheven qer qershor xun xuno xunu xuñ xuño čen " +
		"červen června ġun ġunju ιουν ιουνίου ιούν ιούνιος июн июнь июня мау маусым чер червень червня чэр " +
		"чэрвень чэрвеня юни јун јуни հնս հունիս հունիսի יונ יוני جوان جون حزيران يون يونيو ژوئن जुन जून জুন " +
		"ஜூன் జూన్ ಜೂನ್ ജൂൺ มิ.ย มิถุนายน ივნ ივნისი 六月",
	"cec cervence cervenec gor gorffennaf gou gouere heina heinakuu heinä heinäkuu hul hulyo iuil iul " +
		"iulie iyl iyul iúil iýl iýul i̇yl jui juil juillet jul julai julhet julho juli julie julij julijs " +
		"julio juliol julius july juuli júl július júlí jūl jūlijs kor korrik liep liepa liepos lipca lipiec " +
		"lug luglio lul lulju srpanj srpnja tem temmuz uzt uztaila xnt xul xullo xunetu čec července červenec " +
		"ιουλ ιουλίου ιούλ ιούλιος июл июль июля лип липень липня ліп ліпень ліпеня шіл шілде юли јул јули " +
		"հլս հուլիս հուլիսի יול יולי تموز جولائی جولای جويلية يول يوليو يوليوز ژوئیه जुलाई जुलै जुल॰ জুলাই " +
		"ஜூலை జులై ಜುಲೈ ജൂലൈ ก.ค กรกฎาคม ივლ ივლისი 七月",
	"abu abuztua ag ago agost agosto agostu agto agu agust agustos agustus aou aout aoû août aug august " +
		"augusti augusto augusts augustus augusztus avg avgust avq avqust awg awgust aws awst aww awwissu ağu " +
		"ağustos aŭg aŭgusto d’ag d’agost d’agostu elo elokuu eos eost gsh gusht kol kolovoz kolovoza lun " +
		"lunasa lún lúnasa ogos rugp rugpjucio rugpjutis rugpjūtis rugpjūčio sie sierpien sierpień sierpnia " +
		"srpen srpna ágú ágúst αυγ αυγούστου αύγ αύγουστος авг август августа жні жнівень жніўня сер серпень " +
		"серпня там тамыз օգոստոս օգոստոսի օգս אוג אוגוסט آب آقۇست أغس أغسطس أوت اوت اگست غشت अगस्ट अगस्त अग॰ " +
		"ऑग ऑगस्ट আগস্ট ஆக ஆகஸ்ட் ఆగ ఆగస్టు ಆಗಸ್ಟ್ ഓഗ ഓഗസ്റ്റ് ส.ค สิงหาคม აგვ აგვისტო 八月",
	"eyl eylul eylül gwe gwengolo ira iraila med medi mfomh mfómh rugs rugsejis rugsejo rugsėjis rugsėjo " +
		"ruj rujan rujna sbre sen sentabr sentyabr sentýabr sep sept septembar september septembre septembrie " +
		"septembris septembro septiembre septiyembre set setembre setembro setiembre settembre settembru sht " +
		"shtator syys syyskuu szept szeptember wrz wrzesien wrzesień wrzesnia września zar zari zář září σεπ " +
		"σεπτέμβριος σεπτεμβρίου вер верасень верасня вересень вересня сен сентябр сентябрь сентября сеп " +
		"септембар септември қыр қыркүйек սեպ սեպտեմբեր սեպտեմբերի ספט ספטמבר أيلول سبت سبتمبر ستمبر سپتامبر " +
		"شتنبر सप्टें सप्टेंबर सितंबर सित॰ सेप्टेम्बर সেপ্টেম্বর செப் செப்டம்பர் సెప్టెం సెప్టెంబర్ ಸೆಪ್ಟೆಂ " +
		"ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റം സെപ്റ്റംബർ ก.ย กันยายน სექ სექტემბერი 九月",
	"dfomh dfómh d’ochobre d’oct d’octobre d’octubre d’octòbre eki ekim her here hyd hydref loka lokakuu " +
		"obre och ochobre oct october octobre octombrie octubre octòbre okt oktabr oktobar oktober oktobris " +
		"oktobro oktoober oktubre oktyabr október oktýabr ott ottobre ottubru out outubro paz pazdziernik " +
		"pazdziernika paź październik października rij rijen rijna spal spalio spalis tet tetor urr urria říj " +
		"říjen října οκτ οκτωβρίου οκτώβριος жов жовтень жовтня кас кастрычнік кастрычніка окт октобар " +
		"октомври октябр октябрь октября қаз қазан հոկ հոկտեմբեր հոկտեմբերի אוק אוקטובר أكت أكتوبر اكتبر " +
		"اوْکتوْبر اکتوبر अक्टोबर अक्तूबर अक्तू॰ ऑक्टो ऑक्टोबर অক্টোবর அக் அக்டோபர் అక్టో అక్టోబర్ ಅಕ್ಟೋ " +
		"ಅಕ್ಟೋಬರ್ ഒക്ടോ ഒക്\u200cടോബർ ต.ค ตุลาคม ოქტ ოქტომბერი 十月",
	"aza azaroa du kas kasım lapkr lapkricio lapkritis lapkričio listopadu marras marraskuu nbre nen " +
		"nentor nob nobiyembre noiembrie nov novembar november novembre novembris novembro novembru noviembre " +
		"noy noyabr noý noýabr nën nëntor nóv nóvember pay payares samh samhain stu studeni studenoga tach " +
		"tachwedd νοέ νοέμβριος νοε νοεμβρίου лис листопад листопада ліс лістапад лістапада нов новембар ное " +
		"ноември ноя ноябр ноябрь ноября қар қараша նմբ նոյեմբեր նոյեմբերի נוב נובמבר نوامبر نوف نوفمبر نومبر " +
		"نونبر نوْوامبر नवंबर नव॰ नोभेम्बर नोव्हें नोव्हेंबर নভেম্বর நவ நவம்பர் నవం నవంబర్ ನವೆಂ ನವೆಂಬರ್ നവം " +
		"നവംബർ พ.ย พฤศจิกายน ნოე ნოემბერი 十一月",
	"abe abendua ara aralık avi avientu dbre dec decembar december decembrie decembris decembro " +
		"dek dekabr des desember desembre dets detsember dez dezember dezembro dhj dhjetor dic dicembre " +
		"dicembru diciembre dis disember disyembre diċ diċembru déc décembre d’avientu gru grudnia grudzien " +
		"grudzień gruod gruodis gruodzio gruodžio joulu joulukuu ker kerzu noll nollaig pro prosinac prosinca " +
		"prosince prosinec rha rhagfyr δεκ δεκέμβριος δεκεμβρίου гру грудень грудня дек декабр декабрь " +
		"декабря декември дец децембар жел желтоқсан сне снежань снежня դեկ դեկտեմբեր դեկտեմբերի דצמ דצמבר " +
		"دجنبر دسامبر دسمبر ديس ديسمبر डिसें डिसेंबर डिसेम्बर दिसंबर दिस॰ ডিসেম্বর டிச டிசம்பர் డిసెం " +
		"డిసెంబర్ ಡಿಸೆಂ ಡಿಸೆಂಬರ್ ഡിസം ഡിസംബർ ธ.ค ธันวาคม დეკ დეკემბერი 十二月",
}
