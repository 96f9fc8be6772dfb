//! The case file: which sources, which subjects, which questions.
//!
//! Parsing and checking only; what it asks for is done by `store::load` and the commands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use crate::error::{Error, Result, line_and_column, parse_toml, read_text, shown};
use crate::model::{Currency, EntityKind, Role};
use crate::normalise::region_of_zone;
use crate::records::{Layout, SEPARATOR, built_in_layout};
use crate::store::{CALL_TOLERANCE_S, LoadPlan, PlannedSource, REVERSAL_WINDOW_DAYS};

/// A case file as a person writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseText {
    title: String,
    currency: Option<Spanned<String>>,
    timezone: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    #[serde(default)]
    source: Vec<SourceText>,
    #[serde(default)]
    subject: Vec<Spanned<SubjectText>>,
    #[serde(default)]
    run: RunText,
    #[serde(default)]
    load: LoadText,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LoadText {
    call_tolerance_s: Option<Spanned<u32>>,
    reversal_window_days: Option<u16>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceText {
    path: Spanned<String>,
    layout: Option<Spanned<String>>,
    #[serde(default)]
    bates: String,
    #[serde(default)]
    authority: String,
    supersedes: Option<Spanned<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SubjectText {
    name: Option<String>,
    account: Option<String>,
    phone: Option<String>,
    premises: Option<String>,
    role: Option<Role>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RunText {
    queries: Vec<Spanned<String>>,
}

/// A case file, checked, its globs expanded.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// What a load does.
    pub plan: LoadPlan,
    /// Query files to answer, in the order of their globs.
    pub queries: Vec<PathBuf>,
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    base: &'a Path,
}

impl CaseFile {
    /// Reads a case file and everything it names but the records themselves.
    ///
    /// # Errors
    ///
    /// [`Error::Key`] with line and column for an unknown key, a name of no currency, zone or
    /// layout, a path that matches no file; [`Error::Io`] if a file cannot be read.
    pub fn read(path: &Path) -> Result<CaseFile> {
        let text = read_text(path)?;
        let parsed: CaseText = parse_toml(path, &text)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let reader = Reader { path, text: &text, base };
        let (sources, own_layouts) = reader.sources(&parsed)?;
        let timezone = parsed.timezone.as_ref();
        if let Some(zone) = timezone
            && jiff::tz::TimeZone::get(zone.as_ref()).is_err()
        {
            let what =
                format!("timezone {:?} is not a name of the time zone database", zone.as_ref());
            let hint = "use a name such as \"America/New_York\" or \"UTC\"".to_owned();
            return Err(reader.refuse(zone.span().start, what, Some(hint)));
        }
        let zone = timezone.map_or("UTC", |zone| zone.as_ref().as_str());
        let region = match &parsed.region {
            Some(region) => Some(reader.region(region)?),
            None => timezone.and_then(|_| region_of_zone(zone)).map(str::to_owned),
        };
        let plan = LoadPlan {
            title: parsed.title.clone(),
            currency: reader.currency(parsed.currency.as_ref())?,
            timezone: zone.to_owned(),
            timezone_stated: timezone.is_some(),
            region,
            sources,
            own_layouts,
            call_tolerance_s: reader.call_tolerance(&parsed.load)?,
            reversal_window_days: parsed.load.reversal_window_days.unwrap_or(REVERSAL_WINDOW_DAYS),
            subjects: reader.subjects(&parsed.subject)?,
        };
        let queries = reader.queries(&parsed.run.queries)?;
        Ok(CaseFile { plan, queries })
    }
}

impl Reader<'_> {
    fn refuse(&self, offset: usize, what: String, hint: Option<String>) -> Error {
        let (line, column) = line_and_column(self.text, offset);
        Error::Key { file: self.path.display().to_string(), line, column, what, hint }
    }

    fn call_tolerance(&self, load: &LoadText) -> Result<u32> {
        let Some(stated) = &load.call_tolerance_s else { return Ok(CALL_TOLERANCE_S) };
        let seconds = *stated.as_ref();
        if seconds > 3600 {
            let what = format!("call_tolerance_s is {seconds}, expected 0 to 3600 seconds");
            return Err(self.refuse(stated.span().start, what, None));
        }
        Ok(seconds)
    }

    fn currency(&self, stated: Option<&Spanned<String>>) -> Result<Currency> {
        let Some(stated) = stated else {
            let hint = "add currency = \"USD\", the currency of amounts without one".to_owned();
            return Err(self.refuse(0, "the case file names no currency".to_owned(), Some(hint)));
        };
        stated.as_ref().parse().map_err(|_| {
            let what = format!("currency {:?} is not an ISO 4217 code", stated.as_ref());
            self.refuse(stated.span().start, what, Some("use a code such as \"USD\"".to_owned()))
        })
    }

    fn region(&self, region: &Spanned<String>) -> Result<String> {
        let text = region.as_ref().to_uppercase();
        if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Ok(text);
        }
        let what = format!("region {:?} is not a country's two letters", region.as_ref());
        Err(self.refuse(region.span().start, what, Some("use a code such as \"US\"".to_owned())))
    }

    /// Files of a source, with the pattern of the members that are meant. A `!` ends a file's
    /// path where the path as it stands matches nothing: a file's own name may hold one.
    #[allow(clippy::type_complexity)]
    fn files(&self, pattern: &Spanned<String>) -> Result<Vec<(PathBuf, String, Option<String>)>> {
        let (at, text) = (pattern.span().start, pattern.as_ref());
        let ends = text.match_indices(SEPARATOR).map(|(end, _)| end);
        for end in std::iter::once(text.len()).chain(ends) {
            let found = match self.matching(at, &text[..end]) {
                // A path and a pattern of members together need not be a pattern of files.
                Err(Error::Key { .. }) if end == text.len() && text.contains(SEPARATOR) => continue,
                found => found?,
            };
            if !found.is_empty() {
                let members = (end < text.len()).then(|| text[end + 1..].to_owned());
                let of = |(path, name)| (path, name, members.clone());
                return Ok(found.into_iter().map(of).collect());
            }
        }
        Err(self.no_file(at, text))
    }

    /// Files that a pattern matches, of which there is one at least.
    fn expand(&self, pattern: &Spanned<String>) -> Result<Vec<(PathBuf, String)>> {
        let at = pattern.span().start;
        let found = self.matching(at, pattern.as_ref())?;
        if found.is_empty() { Err(self.no_file(at, pattern.as_ref())) } else { Ok(found) }
    }

    /// Files that a pattern matches, in byte order of their paths, with the name to show.
    fn matching(&self, at: usize, pattern: &str) -> Result<Vec<(PathBuf, String)>> {
        let base = glob::Pattern::escape(&self.base.to_string_lossy());
        let joined = Path::new(&base).join(pattern);
        let joined = if Path::new(pattern).is_absolute() { PathBuf::from(pattern) } else { joined };
        let matches = glob::glob(&joined.to_string_lossy()).map_err(|refused| {
            self.refuse(at, format!("{pattern:?} is no pattern: {}", refused.msg), None)
        })?;
        let mut files = Vec::new();
        for found in matches {
            let found = found.map_err(|refused| {
                let path = refused.path().to_path_buf();
                Error::io(&path, refused.into())
            })?;
            if found.is_file() {
                let name = shown(&found, self.base);
                files.push((found, name));
            } else if found.is_dir() {
                // `**` goes on into it; any other pattern would pass over the returns in it.
                if !pattern.contains("**") {
                    let what = "is a directory, and the pattern reaches no file in it";
                    let hint = "end the pattern in /**/* to read all files below, or narrow it";
                    return Err(Error::file(&found, what, Some(hint.to_owned())));
                }
            } else {
                // A pattern that passes over it would lose a return without a word.
                let what = "is no file: a link that points nowhere, a pipe or a device";
                let hint = "put the file itself there, or take the name out of the pattern";
                return Err(Error::file(&found, what, Some(hint.to_owned())));
            }
        }
        files.sort_by(|left, right| left.1.as_bytes().cmp(right.1.as_bytes()));
        Ok(files)
    }

    fn no_file(&self, at: usize, pattern: &str) -> Error {
        let what = format!("{pattern:?} matches no file");
        let hint = format!("paths are relative to {}", self.base_words());
        self.refuse(at, what, Some(hint))
    }

    fn base_words(&self) -> String {
        if self.base.as_os_str().is_empty() {
            "the case file's own directory".to_owned()
        } else {
            self.base.display().to_string()
        }
    }

    #[allow(clippy::type_complexity)]
    fn sources(&self, parsed: &CaseText) -> Result<(Vec<PlannedSource>, Vec<Arc<Layout>>)> {
        if parsed.source.is_empty() {
            let hint = "add [[source]] with path = \"bank/*.csv\"".to_owned();
            return Err(self.refuse(0, "the case file names no source".to_owned(), Some(hint)));
        }
        let mut sources: Vec<PlannedSource> = Vec::new();
        let mut layouts: BTreeMap<String, Arc<Layout>> = BTreeMap::new();
        for one in &parsed.source {
            let layout = match &one.layout {
                Some(name) => Some(self.layout(name, &mut layouts)?),
                None => None,
            };
            let supersedes = self.superseded(one)?;
            for (path, name, members) in self.files(&one.path)? {
                sources.push(PlannedSource {
                    supersedes: supersedes.clone(),
                    path,
                    shown: name,
                    members,
                    layout: layout.clone(),
                    bates: one.bates.clone(),
                    authority: one.authority.clone(),
                });
            }
        }
        self.check_superseded(parsed, &sources)?;
        Ok((sources, layouts.into_values().collect()))
    }

    /// The files that a source corrects, as they are shown.
    fn superseded(&self, one: &SourceText) -> Result<Vec<String>> {
        let Some(pattern) = &one.supersedes else { return Ok(Vec::new()) };
        Ok(self.expand(pattern)?.into_iter().map(|(_, name)| name).collect())
    }

    /// A corrected file is a source of the case, and no file corrects itself by any detour: the
    /// records of both would be left out.
    fn check_superseded(&self, parsed: &CaseText, sources: &[PlannedSource]) -> Result<()> {
        let corrects = |name: &str| -> Vec<&str> {
            let named = sources.iter().filter(|source| source.shown == name);
            named.flat_map(|source| source.supersedes.iter().map(String::as_str)).collect()
        };
        for pattern in parsed.source.iter().filter_map(|one| one.supersedes.as_ref()) {
            let at = pattern.span().start;
            for (_, name) in self.expand(pattern)? {
                if !sources.iter().any(|source| source.shown == name) {
                    let what = format!("{name:?} is no source of this case");
                    let hint = "name it in a [[source]] of its own, so that both are read";
                    return Err(self.refuse(at, what, Some(hint.to_owned())));
                }
                let mut reached: Vec<&str> = corrects(&name);
                let mut seen = 0;
                while seen < reached.len() {
                    for next in corrects(reached[seen]) {
                        if !reached.contains(&next) {
                            reached.push(next);
                        }
                    }
                    seen += 1;
                }
                let itself = sources
                    .iter()
                    .any(|source| source.shown == name && source.supersedes.contains(&name));
                if itself || reached.contains(&name.as_str()) {
                    let what = format!("{name:?} would supersede itself");
                    let hint = "name the older file only where the newer one is a source";
                    return Err(self.refuse(at, what, Some(hint.to_owned())));
                }
            }
        }
        Ok(())
    }

    fn layout(
        &self,
        name: &Spanned<String>,
        known: &mut BTreeMap<String, Arc<Layout>>,
    ) -> Result<Arc<Layout>> {
        let word = name.as_ref();
        if let Some(layout) = known.get(word) {
            return Ok(Arc::clone(layout));
        }
        let layout = if word.ends_with(".toml") {
            let path = self.base.join(word);
            if !path.is_file() {
                let what = format!("layout {word:?} is not a file");
                let hint = format!("paths are relative to {}", self.base_words());
                return Err(self.refuse(name.span().start, what, Some(hint)));
            }
            Arc::new(Layout::parse(&path, &read_text(&path)?)?)
        } else {
            built_in_layout(word).map_err(|unknown| {
                let hint = unknown.hint().unwrap_or_else(|| {
                    "a layout of your own is named by its path, \"layouts/….toml\"".to_owned()
                });
                self.refuse(name.span().start, unknown.to_string(), Some(hint))
            })?
        };
        known.insert(word.clone(), Arc::clone(&layout));
        Ok(layout)
    }

    fn subjects(
        &self,
        stated: &[Spanned<SubjectText>],
    ) -> Result<Vec<(String, String, Option<Role>)>> {
        let mut subjects = Vec::new();
        for one in stated {
            let subject = one.as_ref();
            let named = [
                (EntityKind::Party, &subject.name),
                (EntityKind::Account, &subject.account),
                (EntityKind::Phone, &subject.phone),
                (EntityKind::Premises, &subject.premises),
            ];
            let mut given = named.iter().filter_map(|(kind, name)| Some((kind, name.as_ref()?)));
            match (given.next(), given.next()) {
                (Some((kind, name)), None) => {
                    subjects.push((name.clone(), kind.word().to_owned(), subject.role));
                }
                _ => {
                    let what = "a subject is named by one of name, account, phone or premises";
                    return Err(self.refuse(one.span().start, what.to_owned(), None));
                }
            }
        }
        Ok(subjects)
    }

    fn queries(&self, patterns: &[Spanned<String>]) -> Result<Vec<PathBuf>> {
        let mut queries = Vec::new();
        for pattern in patterns {
            for (path, _) in self.expand(pattern)? {
                if !queries.contains(&path) {
                    queries.push(path);
                }
            }
        }
        Ok(queries)
    }
}
