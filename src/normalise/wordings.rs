//! Common wordings of statement lines, as patterns.
//!
//! Answers: how do banks write a person-to-person payment, a wire, a cheque, a fee? Each names
//! the groups it can read; which one applies to a line is `counterparties`' to decide. Spaces
//! and breaks within a pattern mean nothing (`x` mode), so each is written over several lines.

use crate::model::Channel;

/// What ends a name in a line: a date, a confirmation, an id.
macro_rules! tail {
    () => {
        r"
            (?:\s+(?:ON\s+[0-9].*|(?:CONF(?:IRMATION)?|REF(?:ERENCE)?|ID|TRN
            |TRACE)\b\s*[:\#]*\s*(?P<reference>[A-Z0-9]+).*|[A-Z]*[0-9][A-Z0-9]{7,}))?\s*$"
    };
}

/// Wordings of statements: name, pattern, channel. Fees and interest stand first, since a wire
/// fee is no wire; services before the general words that stand in their lines too.
pub(crate) const WORDINGS: &[(&str, &str, Option<Channel>)] = &[
    (
        "fee",
        r"(?ix)
            ^(?:MONTHLY|SERVICE|MAINTENANCE|OVERDRAFT|NSF|WIRE|(?:INCOMING|OUTGOING
            |DOMESTIC|INTERNATIONAL)\ WIRE|ATM|STOP\ PAYMENT|RETURNED\ ITEM|FOREIGN
            |ACCOUNT|TRANSFER|TRANSACTION|LATE|PAPER\ STATEMENT|CASH\ ADVANCE|CARD)\b
            [A-Z\ \-]*\b(?:FEES?|CHARGES?)\b",
        Some(Channel::Fee),
    ),
    (
        "interest",
        r"(?ix)
            ^INTEREST(?:\s+(?:PAYMENT|PAID|EARNED|CREDIT|CHARGED?|DEPOSIT))?
            (?:\s+[0-9/.\-]+)*\s*$",
        Some(Channel::Interest),
    ),
    (
        "zelle",
        concat!(
            r"(?ix)
            \bZELLE\b(?:\s+(?:PAYMENT|TRANSFER|INSTANT\ PMT|PMT|MONEY))?(?:\s+(?:SENT
            |RECEIVED))?\s+(?:TO|FROM)\s+(?P<name>\S.*?)(?:\s+(?P<phone>
            (?:\+?1[\-.\ ])?\(?[0-9]{3}\)?[\-.\ ][0-9]{3}[\-.\ ][0-9]{4}))?",
            tail!()
        ),
        Some(Channel::P2p),
    ),
    (
        "zelle-confirmation",
        r"(?ix)
            \bZELLE\b.*?\bCONF\b\s*\#?\s*(?P<reference>[A-Z0-9]+)\s*;\s*
            (?P<name>\S.*?)\s*$",
        Some(Channel::P2p),
    ),
    (
        "cash-app",
        r"(?ix)\bCASH\ APP\s*(?:\*\s*|\s)(?P<name>[^\s*].*?)(?:\s*\*.*)?$",
        Some(Channel::P2p),
    ),
    (
        "venmo",
        r"(?ix)
            \bVENMO\b(?:\s*\*\s*(?P<name>\S.*?)|\s+DES:.*?\bID:\s*(?P<reference>\S+).*
            |.*?\b(?:TO|FROM)\s+(?P<name2>\S.*?)|.*)\s*$",
        Some(Channel::P2p),
    ),
    (
        "paypal",
        r"(?ix)
            \bPAYPAL\b(?:\s*\*\s*(?P<name>\S.*?)|\s+DES:.*?\bID:\s*(?P<reference>\S+).*
            |\s+(?:INST\ XFER|TRANSFER|ECHECK)\s+
            (?P<name2>\S.*?)|.*)\s*$",
        Some(Channel::P2p),
    ),
    (
        "western-union",
        r"(?ix)
            \b(?P<name>WESTERN\ UNION)\b\W*(?:(?:MONEY\ TRANSFER|PAYMENT|AGENT)\b\W*)?(?:
            [0-9\-]{10,}|(?P<place>\S.*?))?\s*$",
        Some(Channel::Cash),
    ),
    ("moneygram", r"(?ix)\b(?P<name>MONEYGRAM)\b\W*(?P<place>\S.*?)?\s*$", Some(Channel::Cash)),
    (
        "wire-fields",
        r"(?ix)
            \bWIRE\ TYPE:.*?\b(?:BNF|ORIG):\s*(?P<name>.+?)\s*(?:\bID:\s*
            (?P<account>\S+)\s*)?(?:\b(?:BNF\ BK|SND\ BK):\s*(?P<bank>.+?)\s*)?(?:\b(?:ID
            |PMT\ DET|DATE|ORIG|BNF):.*)?$",
        Some(Channel::Wire),
    ),
    (
        "fedwire",
        r"(?ix)
            \b(?:FEDWIRE|CHIPS|BOOK\ TRANSFER)\s+(?:CREDIT|DEBIT)\s+VIA:\s*
            (?P<bank>[^/]+?)(?:/\S*)?\s+(?:B/O|A/C|BEN):\s*(?P<name>.+?)\s*(?:\bREF:\s*
            (?P<reference>\S+).*)?$",
        Some(Channel::Wire),
    ),
    (
        "wire-fed",
        r"(?ix)
            ^WT\s+(?:FED\#\S+|SEQ\#?\S+|[0-9\-]+)\s+(?P<bank>\S.*?)\s*/(?:ORG|BNF)=
            (?P<name>.+?)\s*(?:\b(?:SRF|TRN|RFB)\#.*)?$",
        Some(Channel::Wire),
    ),
    (
        "wire",
        concat!(
            r"(?ix)
            \b(?:SWIFT\s+(?:TRANSFER|PAYMENT)|WIRE(?:\s+(?:TRANSFER|TRF|XFER))?(?:\s+(?:IN|OUT|CREDIT|DEBIT|SENT
            |RECEIVED))?|(?:INCOMING|OUTGOING)(?:\s+(?:DOMESTIC|INTERNATIONAL
            |INTL))?\s+WIRE(?:\s+TRANSFER)?)\s*(?:-\s*)?(?:(?:TO|FROM|BNF:?|ORG:?
            |B/O:?)\s+)(?P<name>\S.*?)(?:\s+(?:AT|VIA|BANK:)\s+(?P<bank>\S.*?))?(?:\s+
            (?:A/C|ACCT|ACCOUNT)\.?:?\s*\#?(?P<account>[A-Z0-9*\-]+))?",
            tail!()
        ),
        Some(Channel::Wire),
    ),
    (
        "ach-originator",
        r"(?ix)
            \bORIG\ CO\ NAME:\s*(?P<name>.+?)\s+ORIG\ ID:\s*(?P<account>\S+).*?
            (?:\bTRACE\#:\s*(?P<reference>\S+).*)?$",
        Some(Channel::Ach),
    ),
    (
        "ach-description",
        r"(?ix)^(?P<name>\S.*?)\s+DES:\s*\S.*?(?:\bID:\s*(?P<reference>\S+).*)?$",
        Some(Channel::Ach),
    ),
    (
        "ach",
        concat!(
            r"(?ix)
            \b(?:ACH(?:\s+(?:CREDIT|DEBIT|PAYMENT|PMT|DEPOSIT|TRANSFER|WITHDRAWAL))?|
            ELECTRONIC\s+(?:PAYMENT|DEPOSIT))\b\s*(?:-\s*)?(?:
            (?:TO|FROM)\s+)?(?P<name>[A-Z].*?)",
            tail!()
        ),
        Some(Channel::Ach),
    ),
    (
        "payroll",
        concat!(
            r"(?ix)
            ^(?:PAYROLL(?:\s+(?:CREDIT|DEPOSIT|PAYMENT))?|(?:DIRECT|DIR)\s+DEP(?:OSIT)?)\b\s*
            [:\-]?\s*(?:(?:TO|FROM|BY)\s+)?(?P<name>[A-Z].*?)",
            tail!()
        ),
        Some(Channel::Ach),
    ),
    (
        "payroll-behind",
        r"(?ix)
            ^(?P<name>[A-Z].*?)\s+(?:PAYROLL|(?:DIRECT|DIR)\s+DEP(?:OSIT)?)
            (?:\s+[0-9][0-9/\-]*)?\s*$",
        Some(Channel::Ach),
    ),
    (
        "atm",
        r"(?ix)
            \b(?:ATM\b\s*(?:CASH\s+)?(?:WITHDRAWAL|W/?D|DEPOSIT|DEP|CASH)
            |(?:WITHDRAWAL|DEPOSIT)\s+ATM)\b\s*(?:\#?
            (?:[0-9]{5,}|[0-9]+[/\-:][0-9/\-:]+)\s+)*(?P<place>\S.*?)?\s*$",
        Some(Channel::Cash),
    ),
    (
        "cheque-deposit",
        r"(?ix)
            \b(?:MOBILE|REMOTE|COUNTER)?\s*CHE(?:CK|QUE)\s+DEPOSIT\b(?:\s*\#?\s*
            (?P<reference>[0-9]+))?|\b(?:MOBILE|REMOTE)\s+DEPOSIT\b",
        Some(Channel::Cheque),
    ),
    (
        "cheque",
        r"(?ix)
            ^(?:CASHED\s+|SUBSTITUTE\s+)?(?:CHECK|CHEQUE|CHK)(?:\s+(?:PAID|NO|NUMBER
            |WITHDRAWAL))?\.?\s*\#?\s*(?P<reference>[0-9]{1,10})\b(?:\s+(?:TO|PAYABLE\ TO
            |PAYEE:?)\s+(?P<name>\S.*?))?\s*$",
        Some(Channel::Cheque),
    ),
    (
        "card",
        r"(?ix)
            \b(?:(?:POS|CARD|DEBIT\s+CARD|CHECK\s?CARD|VISA|PIN)\s+PURCHASE|CHECKCARD
            |PURCHASE\s+AUTHORI[SZ]ED|POS\s+DEBIT|POS|RECURRING\s+(?:CARD\s+)?PAYMENT)\b\s*
            (?:-\s*)?(?:(?:AUTHORI[SZ]ED\s+)?ON\s+|WITH\ PIN\s+)?(?:[0-9][0-9/\-]*\s+)*
            (?P<name>\S.*?)(?:\s+\#?[0-9]{4,})?(?:\s{2,}(?P<place>\S.*?))?
            (?:\s+[0-9]{15,})?\s*$",
        Some(Channel::Card),
    ),
    (
        "book-transfer",
        r"(?ix)
            \b(?:ONLINE|INTERNAL|MOBILE|BOOK|INTERNET)?\s*(?:BANKING\s+)?(?:TRANSFER|XFER)
            \s+(?:TO|FROM)\s+(?:(?:CHK|SAV|CHECKING|SAVINGS|ACCT|ACCOUNT|A/C)\s*)+
            (?:\.\s)?\s*\#?\s*(?P<account>[X*.•]*[0-9][0-9\-]{2,})",
        Some(Channel::Book),
    ),
    (
        "rent",
        concat!(
            r"(?ix)
            ^RENT(?:\s+(?:PAYMENT|PMT))?(?:\s+(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT
            |NOV|DEC)[A-Z]*)?\s+(?:TO|FROM)\s+(?P<name>\S.*?)",
            tail!()
        ),
        None,
    ),
    (
        "rent-behind",
        r"(?ix)^(?P<name>[A-Z]\S*\s+\S.*?)\s+RENT(?:\s+(?:PAYMENT|PMT))?(?:\s+[0-9][0-9/\-]*)?\s*$",
        None,
    ),
    (
        "cash",
        r"(?ix)
            \b(?:CASH|CURRENCY|COIN)\s+(?:DEPOSIT|WITHDRAWAL|DEP|W/?D)\b(?:\s+(?:AT
            |BRANCH)\s+(?P<place>\S.*?))?\s*$|\b(?:COUNTER|TELLER|BRANCH)\s+CASH\b",
        Some(Channel::Cash),
    ),
];
