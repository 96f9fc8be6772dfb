//! Currencies that were withdrawn: their decimals, and the month in which ISO 4217 ended each.
//!
//! Answers: is a code that no longer stands for money the currency of a return of its time? Codes
//! that the list of current currencies still holds are not here, and nothing is converted.
//!
//! Sources: months from ISO 4217 list three (SIX Financial Information, codes for historic
//! denominations), the last one where a code ended in several countries; decimals from the
//! currency data of OpenJDK, version 175. Codes that only the list names, all of them ended before
//! 1999 but for a few units of account, have no decimals from either and are not read.

/// Code, decimals of one major unit, month of withdrawal; in order of code.
const WITHDRAWN: [([u8; 3], u8, &str); 48] = [
    (*b"ADP", 0, "2003-07"),
    (*b"AFA", 2, "2003-01"),
    (*b"ANG", 2, "2025-03"),
    (*b"ATS", 2, "2002-03"),
    (*b"AZM", 2, "2005-12"),
    (*b"BEF", 0, "2002-03"),
    (*b"BGL", 2, "2003-11"),
    (*b"BYB", 0, "2001-01"),
    (*b"BYR", 0, "2017-01"),
    (*b"CSD", 2, "2006-10"),
    (*b"CYP", 2, "2008-01"),
    (*b"DEM", 2, "2002-03"),
    (*b"EEK", 2, "2011-01"),
    (*b"ESP", 0, "2002-03"),
    (*b"FIM", 2, "2002-03"),
    (*b"FRF", 2, "2002-03"),
    (*b"GHC", 2, "2008-01"),
    (*b"GRD", 0, "2002-03"),
    (*b"GWP", 2, "1997-05"),
    (*b"IEP", 2, "2002-03"),
    (*b"ITL", 0, "2002-03"),
    (*b"LTL", 2, "2014-12"),
    (*b"LUF", 0, "2002-03"),
    (*b"LVL", 2, "2014-01"),
    (*b"MGF", 0, "2004-12"),
    (*b"MRO", 2, "2017-12"),
    (*b"MTL", 2, "2008-01"),
    (*b"MZM", 2, "2006-06"),
    (*b"NLG", 2, "2002-03"),
    (*b"PTE", 0, "2002-03"),
    (*b"ROL", 0, "2005-06"),
    (*b"RUR", 2, "2004-01"),
    (*b"SDD", 2, "2007-07"),
    (*b"SIT", 2, "2007-01"),
    (*b"SKK", 2, "2009-01"),
    (*b"SRG", 2, "2003-12"),
    (*b"STD", 2, "2017-12"),
    (*b"TMM", 2, "2009-01"),
    (*b"TPE", 0, "2002-11"),
    (*b"TRL", 0, "2005-12"),
    (*b"USS", 2, "2014-03"),
    (*b"VEB", 2, "2008-01"),
    (*b"VEF", 2, "2018-08"),
    (*b"YUM", 2, "2003-07"),
    (*b"ZMK", 2, "2012-12"),
    (*b"ZWD", 2, "2008-08"),
    (*b"ZWN", 2, "2006-09"),
    (*b"ZWR", 2, "2009-06"),
];

/// Decimals and month of withdrawal of a code that stood for money once. Cost: a short search.
pub fn withdrawn(code: [u8; 3]) -> Option<(u8, &'static str)> {
    let found = WITHDRAWN.binary_search_by_key(&code, |one| one.0).ok()?;
    Some((WITHDRAWN[found].1, WITHDRAWN[found].2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once_with_a_month() {
        assert!(WITHDRAWN.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (code, digits, month) in WITHDRAWN {
            let code = std::str::from_utf8(&code).unwrap();
            // What the list of current currencies holds as well would have two numbers of digits.
            assert_eq!(iso_currency::Currency::from_code(code), None, "{code}");
            assert!(digits == 0 || digits == 2, "{code}");
            assert!(format!("{month}-01").parse::<jiff::civil::Date>().is_ok(), "{code} {month}");
        }
        assert_eq!(withdrawn(*b"DEM"), Some((2, "2002-03")));
        assert_eq!(withdrawn(*b"ITL"), Some((0, "2002-03")));
        assert_eq!((withdrawn(*b"EUR"), withdrawn(*b"QQQ")), (None, None));
    }
}
