//! Counts by class: a short sorted list, as most classes are empty.

use serde::{Deserialize, Serialize};

/// How many there are of each class; a class of which there are none is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(Vec<(u16, i64)>);

impl Counts {
    /// Adds `count` of `class`; a negative count takes them out.
    pub fn add(&mut self, class: u16, count: i64) {
        match self.0.binary_search_by_key(&class, |known| known.0) {
            Ok(place) => {
                self.0[place].1 += count;
                if self.0[place].1 == 0 {
                    self.0.remove(place);
                }
            }
            Err(place) if count != 0 => self.0.insert(place, (class, count)),
            Err(_) => {}
        }
    }

    /// Adds all of `other`: one walk along both lists.
    pub fn merge(&mut self, other: &Self) {
        let (mut place, mut emptied) = (0, false);
        for (class, count) in other.iter() {
            while self.0.get(place).is_some_and(|known| known.0 < class) {
                place += 1;
            }
            match self.0.get_mut(place) {
                Some(known) if known.0 == class => {
                    known.1 += count;
                    emptied |= known.1 == 0;
                }
                _ => self.0.insert(place, (class, count)),
            }
        }
        if emptied {
            self.0.retain(|known| known.1 != 0);
        }
    }

    /// Classes and counts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, i64)> + '_ {
        self.0.iter().copied()
    }

    /// How many there are of all classes.
    pub fn total(&self) -> i64 {
        self.iter().map(|(_, count)| count).sum()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
