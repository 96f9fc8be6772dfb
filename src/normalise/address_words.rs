//! The words of an address that stand in a published list: street suffixes and secondary units.
//!
//! Answers: which standard abbreviation does a word stand for, and which whole word? Where a word
//! stands in its address is `addresses.rs`'s.
//!
//! Source: United States Postal Service, Publication 28, Postal Addressing Standards,
//! appendix C1 (street suffixes and their commonly used forms) and C2 (secondary unit
//! designators). Left out are suffixes that have one form only, and `FLAT`, which names a unit in
//! the addresses of other countries. `MDW` is `MEADOW` here; C1 has it for `MEADOWS` as well.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A standard abbreviation, the whole word, and what else is written for it.
const SUFFIXES: &[&str] = &[
    "ALY ALLEY ALLEE ALLY",
    "ANX ANNEX ANEX ANNX",
    "ARC ARCADE",
    "AVE AVENUE AV AVEN AVENU AVN AVNUE",
    "BYU BAYOU BAYOO",
    "BCH BEACH",
    "BND BEND",
    "BLF BLUFF BLUF",
    "BLFS BLUFFS",
    "BTM BOTTOM BOT BOTTM",
    "BLVD BOULEVARD BOUL BOULV",
    "BR BRANCH BRNCH",
    "BRG BRIDGE BRDGE",
    "BRK BROOK",
    "BRKS BROOKS",
    "BG BURG",
    "BGS BURGS",
    "BYP BYPASS BYPA BYPAS BYPS",
    "CP CAMP CMP",
    "CYN CANYON CANYN CNYN",
    "CPE CAPE",
    "CSWY CAUSEWAY CAUSWA",
    "CTR CENTER CEN CENT CENTR CENTRE CNTER CNTR",
    "CTRS CENTERS",
    "CIR CIRCLE CIRC CIRCL CRCL CRCLE",
    "CIRS CIRCLES",
    "CLF CLIFF",
    "CLFS CLIFFS",
    "CLB CLUB",
    "CMN COMMON",
    "CMNS COMMONS",
    "COR CORNER",
    "CORS CORNERS",
    "CRSE COURSE",
    "CT COURT",
    "CTS COURTS",
    "CV COVE",
    "CVS COVES",
    "CRK CREEK",
    "CRES CRESCENT CRSENT CRSNT",
    "CRST CREST",
    "XING CROSSING CRSSNG",
    "XRD CROSSROAD",
    "XRDS CROSSROADS",
    "CURV CURVE",
    "DL DALE",
    "DM DAM",
    "DV DIVIDE DIV DVD",
    "DR DRIVE DRIV DRV",
    "DRS DRIVES",
    "EST ESTATE",
    "ESTS ESTATES",
    "EXPY EXPRESSWAY EXP EXPR EXPRESS EXPW",
    "EXT EXTENSION EXTN EXTNSN",
    "EXTS EXTENSIONS",
    "FLS FALLS",
    "FRY FERRY FRRY",
    "FLD FIELD",
    "FLDS FIELDS",
    "FLTS FLATS",
    "FRD FORD",
    "FRDS FORDS",
    "FRST FOREST FORESTS",
    "FRG FORGE FORG",
    "FRGS FORGES",
    "FRK FORK",
    "FRKS FORKS",
    "FT FORT FRT",
    "FWY FREEWAY FREEWY FRWAY FRWY",
    "GDN GARDEN GARDN GRDEN GRDN",
    "GDNS GARDENS GRDNS",
    "GTWY GATEWAY GATEWY GATWAY GTWAY",
    "GLN GLEN",
    "GLNS GLENS",
    "GRN GREEN",
    "GRNS GREENS",
    "GRV GROVE GROV",
    "GRVS GROVES",
    "HBR HARBOR HARB HARBR HRBOR",
    "HBRS HARBORS",
    "HVN HAVEN",
    "HTS HEIGHTS HT",
    "HWY HIGHWAY HIGHWY HIWAY HIWY HWAY",
    "HL HILL",
    "HLS HILLS",
    "HOLW HOLLOW HLLW HOLLOWS HOLWS",
    "INLT INLET",
    "IS ISLAND ISLND",
    "ISS ISLANDS ISLNDS",
    "ISLE ISLE ISLES",
    "JCT JUNCTION JCTION JCTN JUNCTN JUNCTON",
    "JCTS JUNCTIONS JCTNS",
    "KY KEY",
    "KYS KEYS",
    "KNL KNOLL KNOL",
    "KNLS KNOLLS",
    "LK LAKE",
    "LKS LAKES",
    "LNDG LANDING LNDNG",
    "LN LANE",
    "LGT LIGHT",
    "LGTS LIGHTS",
    "LF LOAF",
    "LCK LOCK",
    "LCKS LOCKS",
    "LDG LODGE LDGE LODG",
    "LOOP LOOP LOOPS",
    "MNR MANOR",
    "MNRS MANORS",
    "MDW MEADOW",
    "MDWS MEADOWS MEDOWS",
    "ML MILL",
    "MLS MILLS",
    "MSN MISSION MISSN MSSN",
    "MTWY MOTORWAY",
    "MT MOUNT MNT",
    "MTN MOUNTAIN MNTAIN MNTN MOUNTIN MTIN",
    "MTNS MOUNTAINS MNTNS",
    "NCK NECK",
    "ORCH ORCHARD ORCHRD",
    "OVAL OVAL OVL",
    "OPAS OVERPASS",
    "PARK PARK PRK PARKS",
    "PKWY PARKWAY PARKWY PKWAY PKY PARKWAYS PKWYS",
    "PSGE PASSAGE",
    "PATH PATH PATHS",
    "PIKE PIKE PIKES",
    "PNE PINE",
    "PNES PINES",
    "PL PLACE",
    "PLN PLAIN",
    "PLNS PLAINS",
    "PLZ PLAZA PLZA",
    "PT POINT",
    "PTS POINTS",
    "PRT PORT",
    "PRTS PORTS",
    "PR PRAIRIE PRR",
    "RADL RADIAL RAD RADIEL",
    "RNCH RANCH RANCHES RNCHS",
    "RPD RAPID",
    "RPDS RAPIDS",
    "RST REST",
    "RDG RIDGE RDGE",
    "RDGS RIDGES",
    "RIV RIVER RVR RIVR",
    "RD ROAD",
    "RDS ROADS",
    "RTE ROUTE",
    "SHL SHOAL",
    "SHLS SHOALS",
    "SHR SHORE SHOAR",
    "SHRS SHORES SHOARS",
    "SKWY SKYWAY",
    "SPG SPRING SPNG SPRNG",
    "SPGS SPRINGS SPNGS SPRNGS",
    "SPUR SPUR SPURS",
    "SQ SQUARE SQR SQRE SQU",
    "SQS SQUARES SQRS",
    "STA STATION STATN STN",
    "STRA STRAVENUE STRAV STRAVEN STRAVN STRVN STRVNUE",
    "STRM STREAM STREME",
    "ST STREET STRT STR",
    "STS STREETS",
    "SMT SUMMIT SUMIT SUMITT",
    "TER TERRACE TERR",
    "TRWY THROUGHWAY",
    "TRCE TRACE TRACES",
    "TRAK TRACK TRACKS TRK TRKS",
    "TRFY TRAFFICWAY",
    "TRL TRAIL TRAILS TRLS",
    "TUNL TUNNEL TUNEL TUNLS TUNNELS TUNNL",
    "TPKE TURNPIKE TRNPK TURNPK",
    "UPAS UNDERPASS",
    "UN UNION",
    "UNS UNIONS",
    "VLY VALLEY VALLY VLLY",
    "VLYS VALLEYS",
    "VIA VIADUCT VDCT VIADCT",
    "VW VIEW",
    "VWS VIEWS",
    "VLG VILLAGE VILL VILLAG VILLG VILLIAGE",
    "VLGS VILLAGES",
    "VL VILLE",
    "VIS VISTA VIST VST VSTA",
    "WALK WALK WALKS",
    "WAY WAY WY",
    "WL WELL",
    "WLS WELLS",
];

/// The same for units that are not numbered as an apartment is: a floor is not a suite.
const UNITS: &[&str] = &[
    "BSMT BASEMENT",
    "BLDG BUILDING",
    "DEPT DEPARTMENT",
    "FL FLOOR",
    "FRNT FRONT",
    "HNGR HANGAR HANGER",
    "LBBY LOBBY",
    "LOWR LOWER",
    "OFC OFFICE",
    "PH PENTHOUSE",
    "SPC SPACE",
    "TRLR TRAILER TRLRS",
    "UPPR UPPER",
];

/// Abbreviation and whole word of every form.
static KNOWN: LazyLock<HashMap<&str, (&str, &str, bool)>> = LazyLock::new(|| {
    let of = |list: &'static [&'static str], suffix: bool| {
        list.iter().flat_map(move |forms| {
            let mut words = forms.split(' ');
            let standard = (words.next().unwrap_or(""), words.next().unwrap_or(""), suffix);
            forms.split(' ').map(move |form| (form, standard))
        })
    };
    of(SUFFIXES, true).chain(of(UNITS, false)).collect()
});

/// The standard abbreviation of a street suffix or of a unit that is no number, from any of its
/// forms, itself included.
pub(crate) fn abbreviation(word: &str) -> Option<&'static str> {
    KNOWN.get(word).map(|(short, ..)| *short)
}

/// The whole word of a street suffix.
pub(crate) fn whole_suffix(word: &str) -> Option<&'static str> {
    KNOWN.get(word).filter(|(.., suffix)| *suffix).map(|(_, whole, _)| *whole)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[track_caller]
    fn check(word: &str, short: Option<&str>, whole: Option<&str>) {
        assert_eq!((abbreviation(word), whole_suffix(word)), (short, whole), "{word}");
    }

    #[test]
    fn forms_have_the_abbreviation_of_the_list() {
        check("AVNUE", Some("AVE"), Some("AVENUE"));
        check("BOUL", Some("BLVD"), Some("BOULEVARD"));
        check("STR", Some("ST"), Some("STREET"));
        check("HRBOR", Some("HBR"), Some("HARBOR"));
        check("CRSSNG", Some("XING"), Some("CROSSING"));
        check("MEADOW", Some("MDW"), Some("MEADOW"));
        check("MEADOWS", Some("MDWS"), Some("MEADOWS"));
        check("PARKWAYS", Some("PKWY"), Some("PARKWAY"));
        check("PENTHOUSE", Some("PH"), None);
        check("FLOOR", Some("FL"), None);
        check("CRT", None, None);
        check("QUAY", None, None);
    }

    #[test]
    fn no_form_stands_for_two_words() {
        let mut lines: BTreeMap<&str, &str> = BTreeMap::new();
        for line in SUFFIXES.iter().chain(UNITS) {
            let mut forms: Vec<&str> = line.split(' ').collect();
            forms.sort_unstable();
            forms.dedup();
            for form in forms {
                assert_eq!(lines.insert(form, line), None, "{form}");
            }
        }
    }
}
