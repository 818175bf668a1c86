//! Lists in YAML, as lines: their items are moved and left out without reading what is in them.
//!
//! Only what writers of block style produce is understood: `key:` alone on its line, and below it items that begin with
//! a dash in one column. That is a guess at YAML, so whoever uses it must read the result and compare.

use std::collections::BTreeMap;
use std::ops::Range;

/// The lines of a file and what takes their place.
pub(super) struct Lines<'a> {
    lines: Vec<&'a str>,
    edits: BTreeMap<usize, (Range<usize>, Vec<String>)>,
}

/// Where a mapping stands: its lines, and the column of its keys. The first line may begin with the dash of an item.
pub(super) struct Mapping {
    lines: Range<usize>,
    column: usize,
}

/// Where a list stands.
pub(super) struct Sequence {
    items: Vec<Range<usize>>,
    column: usize,
}

impl Sequence {
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    fn lines(&self) -> Option<Range<usize>> {
        Some(self.items.first()?.start..self.items.last()?.end)
    }
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { lines: text.lines().collect(), edits: BTreeMap::new() }
    }

    /// The mapping that the whole file is.
    pub(super) fn all(&self) -> Mapping {
        Mapping { lines: 0..self.lines.len(), column: 0 }
    }

    /// The list under a key.
    pub(super) fn sequence(&self, mapping: &Mapping, key: &str) -> Option<Sequence> {
        let Range { start, end } = mapping.lines;
        let is_key = |at: &usize| {
            let line = self.lines[*at];
            // Before the column there are only spaces, and in the first line perhaps the dash of the item.
            let Some((before, rest)) = line.split_at_checked(mapping.column) else { return false };
            let dashes = before.trim_matches(' ');
            let indented = dashes.is_empty() || *at == start && dashes == "-";
            let rest = rest.strip_prefix(key).and_then(|rest| rest.strip_prefix(':'));
            // Behind the key there may be a remark, or an anchor.
            let is_list = |rest: &str| {
                let rest = rest.trim();
                rest.is_empty() || rest.starts_with('#') || rest.starts_with('&') && !rest.contains(' ')
            };
            indented && rest.is_some_and(is_list)
        };
        let head = (start..end).find(is_key)?;
        let first = (head + 1..end).find(|at| !is_blank(self.lines[*at]))?;
        let column = indent(self.lines[first]);
        let mut items: Vec<Range<usize>> = Vec::new();
        for at in first..end {
            let line = self.lines[at];
            let is_item = indent(line) == column && begins_item(line);
            if is_item {
                items.push(at..at + 1);
            } else if !is_blank(line) && indent(line) <= column {
                break;
            } else if let Some(item) = items.last_mut() {
                item.end = at + 1;
            }
        }
        (column >= mapping.column && !items.is_empty()).then_some(Sequence { items, column })
    }

    /// An item that is a mapping.
    pub(super) fn item(&self, sequence: &Sequence, number: usize) -> Option<Mapping> {
        let lines = sequence.items.get(number)?.clone();
        let behind_dash = self.lines[lines.start].get(sequence.column + 1..)?;
        Some(Mapping { column: sequence.column + 1 + indent(behind_dash), lines })
    }

    /// Keeps of `count` items those in `order`.
    pub(super) fn reorder(&mut self, sequence: &Sequence, count: usize, order: &[usize]) -> Option<()> {
        if sequence.len() != count {
            return None;
        }
        let items = order.iter().map(|at| sequence.items.get(*at)).collect::<Option<Vec<_>>>()?;
        let lines =
            items.into_iter().flat_map(|item| &self.lines[item.clone()]).map(|line| (*line).to_owned());
        let lines = lines.collect();
        self.edit(sequence.lines()?, lines)
    }

    /// Puts texts in the place of all items.
    pub(super) fn replace(&mut self, sequence: &Sequence, texts: &[String]) -> Option<()> {
        // A JSON text in quotes is a YAML text in quotes.
        let item = |text: &String| {
            Some(format!("{}- {}", " ".repeat(sequence.column), serde_json::to_string(text).ok()?))
        };
        self.edit(sequence.lines()?, texts.iter().map(item).collect::<Option<Vec<_>>>()?)
    }

    fn edit(&mut self, lines: Range<usize>, new: Vec<String>) -> Option<()> {
        let before = self.edits.insert(lines.start, (lines, new));
        before.is_none().then_some(())
    }

    /// The file with all edits.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut push = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        let mut at = 0;
        for (range, new) in self.edits.values() {
            self.lines[at.min(range.start)..range.start].iter().for_each(|line| push(line));
            new.iter().for_each(|line| push(line));
            at = range.end;
        }
        self.lines[at..].iter().for_each(|line| push(line));
        text
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_blank(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

fn begins_item(line: &str) -> bool {
    let line = line.trim_start_matches(' ');
    line == "-" || line.starts_with("- ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
mode: rule
proxies:
  # first
  - name: a
    deep:
      - x
  - name: b
rules: []
groups:
- name: g
  proxies:
  - a
  - b # the other
- proxies:
    - b
  name: h
";

    #[test]
    fn items_are_moved_with_what_is_in_them() {
        let mut lines = Lines::of(FILE);
        let whole = lines.all();
        let proxies = lines.sequence(&whole, "proxies").unwrap();
        lines.reorder(&proxies, 2, &[1, 0]).unwrap();
        let groups = lines.sequence(&whole, "groups").unwrap();
        assert_eq!((proxies.len(), groups.len()), (2, 2));
        let members = lines.sequence(&lines.item(&groups, 0).unwrap(), "proxies").unwrap();
        lines.reorder(&members, 2, &[1]).unwrap();
        let members = lines.sequence(&lines.item(&groups, 1).unwrap(), "proxies").unwrap();
        lines.replace(&members, &["\"odd\"".to_owned()]).unwrap();
        insta::assert_snapshot!(lines.text(), @r#"
        mode: rule
        proxies:
          # first
          - name: b
          - name: a
            deep:
              - x
        rules: []
        groups:
        - name: g
          proxies:
          - b # the other
        - proxies:
            - "\"odd\""
          name: h
        "#);
    }

    #[test]
    fn what_is_not_written_in_lines_is_not_found() {
        for file in
            ["proxies: [a, b]\n", "proxies:\nrules:\n- a\n", "proxies:\n", "other:\n  proxies:\n  - a\n"]
        {
            let lines = Lines::of(file);
            assert!(lines.sequence(&lines.all(), "proxies").is_none(), "{file}");
        }
    }
}
