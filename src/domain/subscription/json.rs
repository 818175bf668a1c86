//! JSON of which only some parts are looked into: the rest is handed on letter by letter, keys in their order.
//!
//! `serde_json::Value` would sort keys, and round numbers that do not fit into its types.

use std::fmt;

use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A piece of JSON, unread.
pub(super) type Raw = Box<RawValue>;

/// An object whose values are unread.
#[derive(Debug, Clone)]
pub(super) struct Object(Vec<(String, Raw)>);

impl Object {
    pub(super) fn of(raw: &RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The value of a key; of a repeated one the last, as JSON's readers do.
    pub(super) fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| &**value)
    }

    /// The value of a key, if it is there and of this type.
    pub(super) fn read<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.get(key)?.get()).ok()
    }

    /// Puts another value in the place of a key that is there.
    pub(super) fn replace(&mut self, key: &str, value: &impl Serialize) -> Option<()> {
        let value = to_raw_value(value).ok()?;
        self.0.iter_mut().rev().find(|(name, _)| name == key)?.1 = value;
        Some(())
    }

    pub(super) fn remove(&mut self, key: &str) {
        self.0.retain(|(name, _)| name != key);
    }

    /// Lets `edit` change the text under `key`, if there is one; whether it did.
    pub(super) fn edit_text(&mut self, key: &str, edit: impl Fn(&str) -> Option<String>) -> bool {
        let Some(text) = self.read::<String>(key).and_then(|text| edit(&text)) else { return false };
        self.replace(key, &text).is_some()
    }

    /// Lets `edit` change the object under `key`, if there is one; whether it did.
    pub(super) fn edit_object(&mut self, key: &str, edit: impl FnOnce(&mut Self) -> bool) -> bool {
        let Some(mut object) = self.get(key).and_then(Self::of) else { return false };
        edit(&mut object) && self.replace(key, &object).is_some()
    }

    /// Lets `edit` change the objects in the list under `key`, if there is one; whether it did.
    pub(super) fn edit_objects(&mut self, key: &str, edit: impl Fn(&mut Self) -> bool) -> bool {
        let Some(mut items) = self.read::<Vec<Raw>>(key) else { return false };
        let mut changed = false;
        for item in &mut items {
            if let Some(mut object) = Self::of(item)
                && edit(&mut object)
                && let Ok(raw) = to_raw_value(&object)
            {
                *item = raw;
                changed = true;
            }
        }
        changed && self.replace(key, &items).is_some()
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_looked_into_stays_as_it_was_written() {
        let text = r#"{"z":1.50,"a":{"y":123456789012345678901,"b":[1,  2]},"m":"\u00e9"}"#;
        let mut object: Object = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&object).unwrap(), text);
        assert!(
            object.edit_text("m", |_| Some("new".into())) && !object.edit_text("z", |_| Some("x".into()))
        );
        assert_eq!(
            serde_json::to_string(&object).unwrap(),
            r#"{"z":1.50,"a":{"y":123456789012345678901,"b":[1,  2]},"m":"new"}"#
        );
    }
}
