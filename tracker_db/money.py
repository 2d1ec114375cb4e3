"""Money: integer minor units and an ISO 4217 currency, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from tracker_db.errors import CurrencyError, InvalidInputError

#: Active ISO 4217 codes with a minor unit; the tests compare them with the published list.
CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN
    BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR
    FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY
    KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
    RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP
    TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF
    YER ZAR ZMW ZWG
    """.split()
)

#: Codes that left ISO 4217 but that pages of the last years still carry.
RETIRED = frozenset({"BGN", "HRK", "ANG", "ZWL", "SLL", "VEF", "BYR", "LTL", "LVL", "EEK", "SKK"})

_EXPONENT_0 = "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
_EXPONENT_3 = "BHD IQD JOD KWD LYD OMR TND".split()
_EXPONENT_4 = "CLF UYW".split()
_EXPONENTS = (
    dict.fromkeys(_EXPONENT_0, 0) | dict.fromkeys(_EXPONENT_3, 3) | dict.fromkeys(_EXPONENT_4, 4)
)
_BIGINT_MAX = 2**63 - 1


def currency_code(text: str) -> str:
    """`text` as an upper-case ISO 4217 code; CurrencyError when there is no such currency."""
    code = text.strip().upper()
    if code not in CURRENCIES and code not in RETIRED:
        raise CurrencyError(
            f"{text!r} is not an ISO 4217 currency code. Write three letters, such as EUR or USD."
        )
    return code


def exponent(currency: str) -> int:
    """Digits after the decimal point in `currency` by ISO 4217 (USD 2, JPY 0, KWD 3)."""
    return _EXPONENTS.get(currency_code(currency), 2)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents for USD) beside its ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> Money:
        """From major units, rounded half up to the currency's minor unit.

        Raises InvalidInputError for a negative, endless or over-large amount.
        """
        code = currency_code(currency)
        if not amount.is_finite() or amount < 0:
            raise InvalidInputError(f"{amount} {code} is not a price: it must be 0 or more.")
        if amount.adjusted() > 18:
            raise InvalidInputError(f"{amount} {code} is too large to be a price.")
        unit = Decimal(1).scaleb(-exponent(code))
        minor = int(amount.quantize(unit, rounding=ROUND_HALF_UP).scaleb(exponent(code)))
        if minor > _BIGINT_MAX:
            raise InvalidInputError(f"{amount} {code} is too large to be a price.")
        return cls(minor, code)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"
