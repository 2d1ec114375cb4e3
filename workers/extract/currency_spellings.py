"""The currency table: every spelling met on pages or in CLDR, by ISO 4217 code."""
# ruff: noqa: RUF001 - look-alike letters of other alphabets are the very spellings meant

from __future__ import annotations

#: A code, then the spellings that mean it and nothing else.
UNIQUE = """
AED د.إ AED$ Dhs DHS
AFN ؋
ALL Lek lekë Lekë
AMD ֏ դր դրամ драм
AOA Kz kwz
AUD AU$ A$ AUD$ $AU
AWG Afl
AZN ₼ ман man манат
BAM KM км КМ
BBD Bds$
BDT ৳ Tk টাকা টকা
BGN лв ЛВ лева
BHD د.ب BD B.D
BIF FBu
BND BN$
BOB $b
BRL R$ BRL$
BTN Nu
BYN б.р бел.руб
BZD BZ$
CAD CA$ CAD$ Can$ $CA
CHF SFr sFr CHf SFR
CLP CL$ CLP$
CNY CN¥ RMB rmb 人民币 人民幣
COP CO$ COP$ Col$ COL$
CRC ₡
CVE CV$
CZK Kč kč KČ Kčs Kc
DJF Fdj
DKK Dkr
DOP RD$
DZD د.ج دج DA
EGP ج.م جنيه LE L.E E£ جم
ERN Nfk
ETB Birr birr
EUR € euro euros Euro Euros EURO EUROS ευρώ евро eura
FJD FJ$
GBP pounds
GEL ₾ lari ლარი лари
GHS GH₵ ₵ GHC
GNF FG
GTQ Q
GYD G$ GY$
HKD HK$ HKD$ 港币 港幣
HRK kn Kn KN kuna
HUF Ft FT forint
IDR Rp RP rp
ILS ₪ nis NIS ש"ח ש״ח שח
INR ₹
IQD د.ع
IRR ریال
ISK Ikr
JMD J$
JOD د.أ د.ا JD
JPY JP¥ 円 yen 日元
KES Ksh KSh KSH KShs Kshs
KGS с
KHR ៛
KRW 원
KWD د.ك KD K.D
KZT ₸ тг тңг тенге
LAK ₭
LBP LB£ L£ ل.ل
LKR SLRs
LYD د.ل LD
MAD د.م
MGA Ar
MKD ден ДЕН денари
MNT ₮
MOP MOP$
MRU UM
MUR MURs
MVR Rf MRf
MXN MX$ MXN$ Mex$
MYR RM
MZN MTn
NAD N$
NGN ₦
NOK Nkr NKr
NPR नेरू NPRs
NZD NZ$ NZD$
OMR ر.ع R.O
PAB B/. B/
PEN S/. S/
PHP ₱
PKR PKRs
PLN zł Zł ZŁ zl złotych
PYG ₲ Gs
QAR ر.ق QR
RON lei leu Lei LEI
RSD дин din Dinara dinara динар динара
RUB ₽ RUR рублей рубля рубль Rbl
RWF FRw Frw RF
SAR ر.س S.R
SDG ج.س
SEK Skr
SGD S$ SGD$ SG$
SLE Le
STN Db
SYP SY£ ل.س
THB ฿ บาท baht Baht
TJS сомони SM
TND د.ت DT
TOP T$
TRY ₺ TL tl Tl YTL
TTD TT$
TWD NT$ NTD 台币 台幣 新台幣
TZS TSh TSH
UAH ₴ UAN грн ГРН гривень hrn
UGX USh USH
USD US$ USD$ $US dollars
UYU $U
UZS сум so'm
VES Bs.S Bs.F
VND ₫ đ Đ VNĐ vnđ đồng
VUV VT
WST WS$
XAF FCFA
XCD EC$
XOF CFA
XPF CFP
YER ر.ي YR
ZAR R
ZMW ZK
"""

#: A spelling shared by several currencies: the one it means without a hint ("-" for none) first.
SHARED = """
$ USD CAD AUD NZD MXN ARS CLP COP TWD HKD SGD BRL UYU DOP JMD TTD BBD BSD BMD BND BZD FJD GYD
$ KYD LRD NAD SBD SRD XCD CUP NIO MOP
C$ CAD NIO
£ GBP EGP LBP SYP FKP GIP SHP SDG SSP
pound GBP EGP
¥ JPY CNY
元 CNY TWD HKD JPY
圆 CNY JPY TWD
圓 TWD CNY JPY HKD
kr - SEK NOK DKK ISK EEK
Kr - SEK NOK DKK ISK EEK
KR - SEK NOK DKK ISK EEK
₩ KRW KPW
сом KGS TJS
SR SAR SCR
Rs INR PKR LKR NPR MUR SCR
rs INR PKR LKR NPR MUR SCR
RS INR PKR LKR NPR MUR SCR
Re INR PKR NPR
रु INR NPR
रू INR NPR
ரூ INR LKR
руб RUB BYN
РУБ RUB BYN
р RUB BYN
Р RUB BYN
Fr CHF XOF XAF
fr CHF XOF XAF
Br BYN ETB BYR
Bs BOB VES
ƒ - AWG ANG XCG
₣ CHF XPF
ريال SAR QAR OMR YER IRR
درهم AED MAD
DH MAD AED
Dh AED MAD
dh MAD AED
دينار - KWD BHD JOD IQD LYD TND DZD
T KZT TMT TOP
K - MMK ZMW PGK
P PHP BWP
L - HNL LSL MDL
D - GMD VND
G - HTG PYG
F - XOF XAF CHF
تومان -
تومن -
"""
