//! Whether a log holds a secret.

/// Secrets, each under a name that may be said.
#[derive(Default)]
pub struct Secrets(Vec<(String, String)>);

impl Secrets {
    /// One more, if it is not known yet.
    pub fn add(&mut self, name: &str, secret: impl Into<String>) {
        let secret = secret.into();
        assert!(secret.len() >= 6, "{name} is too short to be looked for");
        if !self.0.iter().any(|(_, known)| *known == secret) {
            self.0.push((name.to_owned(), secret));
        }
    }

    /// How many there are of this name.
    pub fn count(&self, name: &str) -> usize {
        self.0.iter().filter(|(known, _)| known == name).count()
    }

    /// Looks for all of them in a log, in whatever way a program may have written them.
    pub fn assert_untold(&self, log: &str) {
        let mut told: Vec<String> = Vec::new();
        for (name, secret) in &self.0 {
            for form in forms(secret) {
                let lines = log.lines().filter(|line| line.contains(&form));
                told.extend(lines.take(3).map(|line| format!("{name}: {line}")));
            }
        }
        assert!(told.is_empty(), "the log holds secrets:\n{}", told.join("\n"));
    }
}

/// As it is, as part of an address, and without the dashes of an id.
fn forms(secret: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut forms = vec![secret.to_owned(), encoded];
    if let Ok(id) = secret.parse::<uuid::Uuid>() {
        forms.push(id.simple().to_string());
    }
    forms.sort();
    forms.dedup();
    forms
}
