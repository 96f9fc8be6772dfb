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

/// What ends the name of a shop, or of whom a card paid: a phone, an authorisation, the card.
macro_rules! card_tail {
    () => {
        r"
            (?:\s+(?:[0-9]{3}[\-.][0-9]{3}[\-.][0-9]{4}\b|[0-9]{10}\b|[SP]?[0-9]{9,}\b
            |VISA\s+DIRECT\b|CARD\s+[0-9X*]{4}|(?:RECURRING\s+)?CKCD\s+[0-9]|X{4}).*)?\s*$"
    };
}

/// Wordings of statements: name, pattern, channel. Fees and interest stand first, since a wire
/// fee is no wire; services before the general words that stand in their lines too, and what
/// names nobody before what would read a name into it. A line that begins as a card purchase stands
/// before wires, ACH and the bare word Zelle, which shops have in their names, and behind the
/// services that cards pay; what a card draws from a machine is cash.
pub(crate) const WORDINGS: &[(&str, &str, Option<Channel>)] = &[
    (
        "fee",
        r"(?ix)
            ^(?:ONLINE\ (?:US\ DOLLAR\ )?)?(?:MONTHLY|SERVICE|MAINTENANCE|OVERDRAFT|NSF|WIRE
            |(?:INCOMING|OUTGOING|DOMESTIC|INTERNATIONAL|INTL)\ (?:(?:DOMESTIC|INTERNATIONAL|INTL
            |INCOMING|OUTGOING)\ )?(?:WIRE|PURCHASE|TRANS[A-Z]*)
            |ATM|STOP\ PAYMENT|RETURNED\ ITEM|FOREIGN|CASH\ (?:WITHDRAWAL|DEPOSIT)
            |ACCOUNT|TRANS[A-Z]*|LATE|PAPER\ STATEMENT|CASH\ ADVANCE|CARD|CASHIER'?S\ CHECK
            |MONEY\ ORDER|DEPOSITED\ ITEM|RETURNED\ (?:CHECK|DEPOSIT)|INSUFFICIENT\ FUNDS)\b
            [A-Z\ \-]*\b(?:FEES?\b|CHARGES?(?:\s*$|[^\sA-Z\-]
            |[\s\-]+(?:[^\sB\-]|B(?:$|[^A]|A(?:$|[^C]|C(?:$|[^K]))))))",
        Some(Channel::Fee),
    ),
    (
        "interest",
        r"(?ix)
            ^(?:INTEREST|INT)(?:\s+(?:PAYMENT|PMT|PAID|EARNED|CREDIT|CHARGED?|DEPOSIT))
            (?:\s+(?:THIS\s+PERIOD|ON\s+AVERAGE\s+BALANCE.*|[0-9/.\-]+))*\s*$|^INTEREST
            (?:\s+[0-9/.\-]+)*\s*$",
        Some(Channel::Interest),
    ),
    (
        "zelle-sent",
        r"(?ix)
            \bZELLE\s+(?:SENT|RECEIVED)\s+(?P<reference>[A-Z]*[0-9][A-Z0-9]{7,})\s+
            (?:ZELLE\s+)?(?P<name>\S.*?)\s*$",
        Some(Channel::P2p),
    ),
    (
        "zelle",
        concat!(
            r#"(?ix)
            \bZEL(?:LE)?\b(?:\s+(?:RECURRING|SCHEDULED))?(?:\s+(?:PAYMENT|TRANSFER|INSTANT\ PMT
            |PMT|MONEY|DEBIT|CREDIT))?(?:\s+(?:SENT|RECEIVED))?\s+(?:TO|FROM)\b:?\s*
            (?P<name>\S.*?)(?:\s+(?P<phone>
            (?:\+?1[\-.\ ])?\(?[0-9]{3}\)?[\-.\ ][0-9]{3}[\-.\ ][0-9]{4}))?
            (?:\s+[0-9]{8})?(?:\s+[A-Z]{2,3}[A-Z0-9]*[0-9][A-Z0-9]{5,}|\s+[0-9]{10,})?
            (?:\s+WEB\s+PMTS\b.*?)?(?:\s+FOR\s+".*?"?)?;?"#,
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
        "zelle-id",
        r"(?ix)
            \bZELLE\s+(?:DEBIT|CREDIT)\s+PAY\s+ID:\s*(?P<reference>\S+)\s+(?:ORG\s+ID:\s*\S+\s+)?
            (?:NAME:\s*)?(?P<name>\S.*?)\s*$",
        Some(Channel::P2p),
    ),
    (
        "cash-app-own",
        r"(?ix)
            \bCASH\ APP\s*(?:\*\s*|\s)(?:CASH\ OUT|ADD\ CASH|TRANSFER)\b
            |\bDES:\s*CASH\ APP\b(?:.*?\bID:\s*(?P<reference>\S+))?",
        Some(Channel::P2p),
    ),
    (
        "cash-app",
        concat!(r"(?ix)\bCASH\ APP\s*(?:\*\s*|\s)(?P<name>[^\s*].*?)(?:\s*\*.*)?", card_tail!()),
        Some(Channel::P2p),
    ),
    (
        "venmo",
        concat!(
            r"(?ix)
            \bVENMO\b(?:\s*\*\s*(?P<name>\S.*?)|\s+DES:.*?\bID:\s*(?P<reference>\S+).*
            |.*?\b(?:TO|FROM)\s+(?P<name2>\S.*?)|.*)",
            card_tail!()
        ),
        Some(Channel::P2p),
    ),
    (
        "paypal",
        concat!(
            r"(?ix)
            \bPAYPAL\b(?:\s*\*\s*(?P<name>\S.*?)|\s+DES:.*?\bID:\s*(?P<reference>\S+).*
            |\s+(?:INST\ XFER|ECHECK)\s+(?:[0-9]{6}\s+)?
            (?P<name2>[^\s0-9].*?)(?:\s+(?:WEB|PPD)\s+ID:.*)?|.*)",
            card_tail!()
        ),
        Some(Channel::P2p),
    ),
    (
        "western-union",
        r"(?ix)
            \b(?P<name>WESTERN\ UNION)\b\W*(?:(?:MONEY\ TRANSFER|PAYMENT|AGENT)\b\W*)?(?:DES:.*
            |(?:[0-9\-]{10,}\s*)?(?P<place>\S.*?)?)\s*$",
        Some(Channel::Cash),
    ),
    (
        "moneygram",
        r"(?ix)
            \b(?P<name>MONEYGRAM)\b\W*(?:(?:[A-Z]+\s+)?DES:.*
            |(?:[0-9\-]{10,}\s*)?(?P<place>\S.*?)?)\s*$",
        Some(Channel::Cash),
    ),
    (
        "card",
        concat!(
            r"(?ix)
            ^(?:[0-9][0-9/\-]*\s+)*(?:(?:POS|CARD|DEBIT\s+CARD|CHECK\s?CARD|VISA|PIN)\s+
            (?:PURCHASE|PUR\b)|CHECKCARD|PURCHASE\s+(?:RETURN\s+)?AUTHORI[SZ]ED|POS\s+DEBIT|POS
            |RECURRING\s+(?:CARD\s+(?:PAYMENT|PURCHASE)(?:\s+AUTHORI[SZ]ED)?|(?:PAYMENT|PURCHASE)
            \s+AUTHORI[SZ]ED))\b\s*(?:-\s*)?
            (?:(?:AUTHORI[SZ]ED\s+)?ON\s+|WITH\ PIN\s+)?(?:[0-9][0-9/\-]*\s+)*
            (?:X{3,}[0-9]{4}\s+)?(?P<name>(?:[^\sAD]|A[^T]|AT[^M]|ATM[^\s]
            |D[^E]|DE[^B]|DEB[^\sI]).*?)(?:\s+\#?[0-9]{4,})?(?:\s{2,}(?P<place>\S.*?))?",
            card_tail!()
        ),
        Some(Channel::Card),
    ),
    ("zelle-plain", r"(?ix)\bZELLE\b", Some(Channel::P2p)),
    (
        "wire-fields",
        r"(?ix)
            \bWIRE\ TYPE:.*?\b(?:BNF|ORIG):\s*(?P<name>.+?)\s*(?:\bID:\s*
            (?P<account>\S+)\s*)?(?:\b(?:BNF\ BK|SND\ BK):\s*(?P<bank>.+?)\s*)?(?:\b(?:ID
            |PMT\ DET|DATE|ORIG|BNF):.*)?$",
        Some(Channel::Wire),
    ),
    (
        "wire-international",
        r"(?ix)
            \bWIRE\s+TRANSFER\s+A/C:\s*(?P<bank>.+?)\s+BEN:\s*/(?P<account>\S+)\s+
            (?P<name>.+?)\s*(?:\bREF:\s*(?P<reference>\S+).*)?$",
        Some(Channel::Wire),
    ),
    (
        "fedwire",
        r"(?ix)
            \b(?:(?:FEDWIRE|CHIPS|BOOK\ TRANSFER)\s+(?:CREDIT|DEBIT)|WIRE\s+TRANSFER)\s+
            (?:VIA:\s*(?P<bank>[^/]+?)(?:/\S*)?\s+)?(?:B/O|A/C|BEN):\s*(?P<name>.+?)\s*(?:-\s*)?
            (?:\bORG:\s*/(?P<account>\S+).*?)?(?:\bREF:\s*(?P<reference>\S+).*)?$",
        Some(Channel::Wire),
    ),
    (
        "wire-fed",
        r"(?ix)
            ^WT\s+(?:FED\#\S+|SEQ\#?\S+|[0-9\-]+)\s+(?P<bank>\S.*?)\s*(?:/FTR)?/(?:ORG|BNF)=
            (?P<name>.+?)\s*(?:\b(?:SRF|TRN|RFB)\#.*)?$",
        Some(Channel::Wire),
    ),
    (
        "wire-number",
        r"(?ix)
            \bWIRE/(?:IN|OUT)-(?P<reference>[A-Z0-9]+)\s*;\s*(?:ORG|BNF)\s+(?P<name>[^;]+)",
        Some(Channel::Wire),
    ),
    (
        "wire",
        concat!(
            r"(?ix)
            \b(?:SWIFT\s+(?:TRANSFER|PAYMENT)|WIRE(?:\s+(?:TRANSFER|TRF|XFER|PAYMENT))?
            (?:\s+(?:IN|OUT|INCOMING|OUTGOING|CREDIT|DEBIT|SENT
            |RECEIVED))?|(?:INCOMING|OUTGOING)(?:\s+(?:DOMESTIC|INTERNATIONAL
            |INTL))?\s+WIRE(?:\s+TRANSFER)?)\s*(?:-\s*)?(?:(?:TO|FROM|BNF:?|ORG:?
            |B/O:?)\s+)(?P<name>\S.*?)(?:\s+(?:AT|VIA|BANK:)\s+(?P<bank>\S.*?))?(?:\s+
            (?:A/C|ACCT|ACCOUNT)\.?:?\s*\#?(?P<account>[A-Z0-9*\-]+))?",
            tail!()
        ),
        Some(Channel::Wire),
    ),
    (
        "wire-reference",
        r"(?ix)
            ^(?:(?:INCOMING|OUTGOING)\s+(?:(?:DOMESTIC|INTERNATIONAL|INTL)\s+)?WIRE
            (?:\s+(?:TRANSFERS?|TRF))?|WIRE(?:\s+(?:TRANSFERS?|TRF))?(?:\s+(?:IN|OUT|INCOMING
            |OUTGOING))?)\b\s*(?:-\s*)?(?:[0-9]{6,}\s+)?(?:IMAD|OMAD|REF(?:ERENCE)?|TRN|FED|SEQ
            |CONF(?:IRMATION)?|ID|NO|NUMBER|DATED?|FUNDS|CREDIT|DEBIT|PAYMENT|SENT|RECEIVED|ADVICE
            |BRANCH|ONLINE|RETURN(?:ED)?|REVERS(?:AL|ED)|DOMESTIC|INTERNATIONAL|INTL)\b\.?\s*
            [:\#]*\s*(?P<reference>[A-Z]*[0-9][A-Z0-9]{3,})?(?:\s.*)?$",
        Some(Channel::Wire),
    ),
    (
        "wire-behind",
        concat!(
            r"(?ix)
            ^(?:(?:INCOMING|OUTGOING)\s+(?:(?:DOMESTIC|INTERNATIONAL|INTL)\s+)?WIRE
            (?:\s+(?:TRANSFERS?|TRF))?|WIRE(?:\s+(?:TRANSFERS?|TRF))?\s+(?:IN|OUT|INCOMING
            |OUTGOING))\b\s*(?:-\s*)?(?:[0-9]{6,}\s+)?(?P<name>[A-Z].*?)",
            tail!()
        ),
        Some(Channel::Wire),
    ),
    (
        "wire-plain",
        r"(?ix)
            \bWIRE\s+(?:TRANSFERS?|TRF|IN|OUT|INCOMING|OUTGOING)\b
            |\b(?:INCOMING|OUTGOING)\s+(?:[A-Z]+\s+)?WIRE\b",
        Some(Channel::Wire),
    ),
    (
        "ach-originator",
        r"(?ix)
            \bORIG\ CO\ NAME:\s*(?P<name>.+?)\s+ORIG\ ID:\s*\S+.*?
            (?:\bTRACE\#:\s*(?P<reference>\S+).*)?$",
        Some(Channel::Ach),
    ),
    (
        "ach-description",
        r"(?ix)^(?P<name>\S.*?)\s+DES:\s*\S.*?(?:\bID:\s*(?P<reference>\S+).*)?$",
        Some(Channel::Ach),
    ),
    (
        "ach-plain",
        r"(?ix)
            ^(?:(?:PREAUTHORI[SZ]ED|ELECTRONIC|EXTERNAL|ONLINE|INCOMING|OUTGOING|SAME\ DAY
            |RETURN(?:ED)?|REVERSAL|[0-9][0-9/\-]*)\s+)*(?:ACH(?:\s+(?:CREDIT|DEBIT
            |PAYMENT|PMT|DEPOSIT|TRANSFER|WITHDRAWAL))?|ELECTRONIC\s+(?:PAYMENT|DEPOSIT))
            (?:\s+\#?[0-9][0-9/\-]*)*(?:\s+(?:TRACE|REF(?:ERENCE)?|TRN|ID|NO|NUMBER|CONF
            (?:IRMATION)?)\b\.?\s*[:\#]*\s*(?P<reference>[A-Z]*[0-9][A-Z0-9]{3,})(?:\s.*)?)?\s*$",
        Some(Channel::Ach),
    ),
    (
        "ach-behind",
        r"(?ix)
            ^(?P<name>[A-Z].*?)\s+(?:PREAUTHORI[SZ]ED\s+)?ACH\s+(?:CREDIT|DEBIT|PAYMENT|PMT
            |DEPOSIT|TRANSFER|TRANS|WITHDRAWAL)(?:\s+\#?[0-9][0-9/\-]*)*\s*$",
        Some(Channel::Ach),
    ),
    (
        "ach",
        concat!(
            r"(?ix)
            \b(?:ACH(?:\s+(?:CREDIT|DEBIT|PAYMENT|PMT|DEPOSIT|TRANSFER|WITHDRAWAL))?|
            ELECTRONIC\s+(?:PAYMENT|DEPOSIT))\b\s*(?:-\s*)?(?:[0-9][0-9/\-]*\s+)*(?:
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
            (?:\s+[0-9][0-9/\-]*(?:\s.*)?|\s+(?:PPD|CCD|WEB)\s+ID:.*)?\s*$",
        Some(Channel::Ach),
    ),
    (
        "ach-class",
        r"(?ix)^(?P<name>[A-Z].*?)\s+(?:PPD|CCD|CTX|WEB|TEL)\s+ID:.*$",
        Some(Channel::Ach),
    ),
    (
        "cheque-deposit",
        r"(?ix)
            \b(?:MOBILE|REMOTE|COUNTER)?\s*CHE(?:CK|QUE)\s+DEPOSIT\b(?:\s*\#?\s*
            (?P<reference>[0-9]+))?|\b(?:MOBILE|REMOTE)\s+(?:ONLINE\s+)?DEPOSIT\b",
        Some(Channel::Cheque),
    ),
    (
        "atm",
        r"(?ix)
            \b(?:ATM\b\s*(?:[0-9]+/[0-9]+\s+\#?[0-9]+\s+)?(?:CASH\s+)?(?:WITHDRAWA?L?|WITHDRWL|W/?D
            |DEPOSIT|DEP|CASH)|(?:WITHDRAWAL|DEPOSIT)\s+ATM)\b\s*(?:AUTHORI[SZ]ED\s+)?(?:ON\s+)?
            (?:\#?(?:[0-9]{5,}|[0-9]+[/\-:][0-9/\-:]+)\s+)*(?P<place>\S.*?)?
            (?:\s+[0-9]+\s+ATM\s+ID\s.*)?\s*$",
        Some(Channel::Cash),
    ),
    (
        "cheque-returned",
        r"(?ix)
            \bRETURNED\s+(?:DEPOSITED\s+)?CHE(?:CK|QUE)\b\s*\#?\s*(?P<reference>[0-9]{1,10})?|
            \bCHE(?:CK|QUE)\s+(?:\#?\s*[0-9]{1,10}\s+)?RETURN(?:ED)?\b",
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
        "cheque-behind",
        r"(?ix)^(?P<reference>[0-9]{1,10})\s+CHE(?:CK|QUE)\s*$",
        Some(Channel::Cheque),
    ),
    (
        "cheque-of-the-bank",
        r"(?ix)
            ^(?:OFFICIAL|CASHIER'?S|CERTIFIED|TELLER'?S)\s+CHE(?:CK|QUE)\b(?:\s+PURCHASE)?
            (?:\s*\#?\s*(?P<reference>[0-9]{1,12}))?\s*$",
        Some(Channel::Cheque),
    ),
    (
        "card-within",
        concat!(
            r"(?ix)
            \b(?:(?:POS|CARD|DEBIT\s+CARD|CHECK\s?CARD|VISA|PIN)\s+(?:PURCHASE|PUR\b)|CHECKCARD
            |PURCHASE\s+(?:RETURN\s+)?AUTHORI[SZ]ED|POS\s+DEBIT|POS|RECURRING\s+(?:CARD\s+)?
            (?:PAYMENT|PURCHASE)(?:\s+AUTHORI[SZ]ED)?)\b\s*
            (?:-\s*)?(?:(?:AUTHORI[SZ]ED\s+)?ON\s+|WITH\ PIN\s+)?(?:[0-9][0-9/\-]*\s+)*
            (?:X{3,}[0-9]{4}\s+)?(?P<name>\S.*?)(?:\s+\#?[0-9]{4,})?(?:\s{2,}(?P<place>\S.*?))?",
            card_tail!()
        ),
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
        "book-transfer-named",
        r"(?ix)
            \b(?:TRANSFER|XFER)\s+(?:REF\s+\#?\S+\s+)?(?:TO|FROM)\s+(?:\S.*?\s)?
            (?:CHECKING|SAVINGS|CHK|SAV)\s+(?:REF\s+\#?\S+\s+)?(?P<account>[X*•]{3,}[0-9]{4})\b",
        Some(Channel::Book),
    ),
    (
        "book-transfer-plain",
        r"(?ix)
            ^(?:(?:ONLINE|INTERNAL|MOBILE|INTERNET|RECURRING)\s+)?(?:BANKING\s+)?(?:TRANSFER|XFER)
            \s+(?:TO|FROM)\s+(?:MY\s+)?(?:CHECKING|SAVINGS|CHK|SAV)(?:\s+[0-9]+/[0-9/]+)?\s*$",
        Some(Channel::Book),
    ),
    (
        "rent",
        concat!(
            r"(?ix)
            ^RENT(?:\s+(?:PAYMENT|PMT))?(?:(?:\s+(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT
            |NOV|DEC)[A-Z]*)?\s+(?:TO|FROM)|\s+(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT
            |NOV|DEC)[A-Z]*\s+[0-9]{4})\s+(?P<name>\S.*?)",
            tail!()
        ),
        None,
    ),
    (
        "rent-behind",
        r"(?ix)
            ^(?P<name>[A-Z]\S*\s+\S.*?)(?:\s+WEB\s+P(?:Y?MTS?))?\s+RENT(?:\s+(?:PAYMENT|PMT))?
            (?:\s+[0-9][0-9/\-]*)?\s*$",
        None,
    ),
    (
        "cash",
        r"(?ix)
            \b(?:CASH|CURRENCY|COIN)\s+(?:DEPOSIT|E?WITHDRAWAL|DEP|W/?D)\b(?:\s+[0-9]+/[0-9/]+)*
            (?:\s+(?:AT|BRANCH|IN)\s+(?P<place>\S.*?))?\s*$|\b(?:COUNTER|TELLER|BRANCH)\s+CASH\b
            |^WITHDRAWAL\s+MADE\s+IN\s+A\s+BRANCH",
        Some(Channel::Cash),
    ),
    (
        "cash-plain",
        r"(?ix)^(?:CASH|CURRENCY|COIN)\s+(?:DEPOSIT|E?WITHDRAWAL|DEP|W/?D)\b",
        Some(Channel::Cash),
    ),
];
