//! Faults on demand: what a network, a busy Telegram or a restart does to a bot, repeatable by a seed.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// 429 with `retry_after`; the method has no effect.
    TooManyRequests {
        /// Seconds.
        retry_after: i64,
    },
    /// An error page, as a proxy in front of Telegram sends it: an HTML body.
    HttpError {
        /// 500, 502, 504…
        status: u16,
    },
    /// Any Bot API error; the method has no effect.
    ApiError {
        /// 400, 401, 403…
        code: u16,
        /// The whole description.
        description: String,
    },
    /// No answer for so long, then the connection is dropped; the method has no effect.
    Hang {
        /// Milliseconds.
        ms: u64,
    },
    /// The method takes effect, but the connection is dropped before the answer.
    LostAnswer,
    /// The connection is dropped; the method has no effect.
    Drop,
    /// The method works, but later.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// The update is delivered twice at once, with the same id.
    DuplicateUpdate,
    /// The update comes before the one that preceded it.
    ReorderUpdate,
    /// The update comes once more after it was confirmed.
    RedeliverUpdate,
}

/// A fault and when it strikes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultSpec {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// Only this method (any case) or, for update faults, this kind of update.
    #[serde(default)]
    pub method: Option<String>,
    /// Only calls with this `chat_id`, or updates of this chat.
    #[serde(default)]
    pub chat_id: Option<i64>,
    /// How many times; without it, until it is removed.
    #[serde(default)]
    pub count: Option<u32>,
    /// How many matching calls pass before the first strike.
    #[serde(default)]
    pub skip: u32,
    /// How likely each time, 0 to 1; without it, always.
    #[serde(default)]
    pub probability: Option<f64>,
    /// The seed of that chance, so that a run can be repeated.
    #[serde(default)]
    pub seed: u64,
}

impl FaultSpec {
    /// A fault that strikes every time.
    pub fn always(kind: FaultKind) -> Self {
        Self { kind, method: None, chat_id: None, count: None, skip: 0, probability: None, seed: 0 }
    }

    /// A fault that strikes the next `count` times.
    pub fn times(kind: FaultKind, count: u32) -> Self {
        Self { count: Some(count), ..Self::always(kind) }
    }

    /// The same fault for one method (or kind of update) alone.
    #[must_use]
    pub fn on(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// The same fault for one chat alone.
    #[must_use]
    pub fn in_chat(mut self, chat_id: i64) -> Self {
        self.chat_id = Some(chat_id);
        self
    }

    fn is_about_updates(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::DuplicateUpdate | FaultKind::ReorderUpdate | FaultKind::RedeliverUpdate
        )
    }
}

/// What happens to an update on its way into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateFault {
    /// Twice in the queue.
    Duplicate,
    /// Before its predecessor.
    Reorder,
    /// Again after being confirmed.
    Redeliver,
}

/// An active fault.
#[derive(Debug, Clone, Serialize)]
pub struct ActiveFault {
    /// Its number, for removing it.
    pub id: u64,
    /// What was asked for.
    #[serde(flatten)]
    pub spec: FaultSpec,
    /// How often it struck.
    pub struck: u32,
    #[serde(skip)]
    chance: StdRng,
}

/// All active faults.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    active: Vec<ActiveFault>,
    next: u64,
}

impl Faults {
    /// Switches a fault on and gives its number.
    pub fn add(&mut self, spec: FaultSpec) -> u64 {
        self.next += 1;
        let chance = StdRng::seed_from_u64(spec.seed);
        self.active.push(ActiveFault { id: self.next, spec, struck: 0, chance });
        self.next
    }

    /// Switches one fault off.
    pub fn remove(&mut self, id: u64) -> bool {
        let before = self.active.len();
        self.active.retain(|fault| fault.id != id);
        self.active.len() < before
    }

    /// Switches all off.
    pub fn clear(&mut self) {
        self.active.clear();
    }

    /// What is on.
    pub fn list(&self) -> &[ActiveFault] {
        &self.active
    }

    /// The faults that strike this call.
    pub fn draw_call(&mut self, method: &str, chat_id: Option<i64>) -> Vec<FaultKind> {
        self.draw(method, chat_id, false)
    }

    /// The faults that strike this update.
    pub fn draw_update(&mut self, kind: &str, chat_id: Option<i64>) -> Vec<UpdateFault> {
        let drawn = self.draw(kind, chat_id, true);
        let fault = |kind: FaultKind| match kind {
            FaultKind::DuplicateUpdate => Some(UpdateFault::Duplicate),
            FaultKind::ReorderUpdate => Some(UpdateFault::Reorder),
            FaultKind::RedeliverUpdate => Some(UpdateFault::Redeliver),
            _ => None,
        };
        drawn.into_iter().filter_map(fault).collect()
    }

    fn draw(&mut self, name: &str, chat_id: Option<i64>, updates: bool) -> Vec<FaultKind> {
        let mut drawn = Vec::new();
        for fault in &mut self.active {
            let spec = &mut fault.spec;
            let matches = spec.is_about_updates() == updates
                && spec.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(name))
                && (spec.chat_id.is_none() || spec.chat_id == chat_id)
                && spec.count.is_none_or(|count| fault.struck < count);
            if !matches {
                continue;
            }
            if spec.skip > 0 {
                spec.skip -= 1;
                continue;
            }
            if spec.probability.is_none_or(|p| fault.chance.random_bool(p.clamp(0.0, 1.0))) {
                fault.struck += 1;
                drawn.push(spec.kind.clone());
            }
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_count_and_skip_are_kept() {
        let mut faults = Faults::default();
        let spec = FaultSpec::times(FaultKind::LostAnswer, 2).on("sendMessage").in_chat(7);
        faults.add(FaultSpec { skip: 1, ..spec });
        let mut hits = |method: &str, chat| faults.draw_call(method, Some(chat)).len();
        assert_eq!(hits("SendMessage", 8), 0);
        assert_eq!(hits("getMe", 7), 0);
        assert_eq!([hits("SendMessage", 7), hits("sendmessage", 7), hits("sendMessage", 7)], [0, 1, 1]);
        assert_eq!(hits("sendMessage", 7), 0);
    }

    #[test]
    fn chance_repeats_with_its_seed() {
        let run = |seed| {
            let mut faults = Faults::default();
            let spec = FaultSpec::always(FaultKind::Drop);
            faults.add(FaultSpec { probability: Some(0.5), seed, ..spec });
            (0..64).map(|_| faults.draw_call("x", None).len()).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn update_faults_do_not_touch_calls() {
        let mut faults = Faults::default();
        faults.add(FaultSpec::always(FaultKind::DuplicateUpdate));
        assert!(faults.draw_call("message", None).is_empty());
        assert_eq!(faults.draw_update("message", None), [UpdateFault::Duplicate]);
    }

    #[test]
    fn specs_are_written_flat() {
        let text = r#"{"kind":"too_many_requests","retry_after":5,"method":"sendMessage","count":1}"#;
        let spec: FaultSpec = serde_json::from_str(text).unwrap();
        let kind = FaultKind::TooManyRequests { retry_after: 5 };
        assert_eq!(spec, FaultSpec::times(kind, 1).on("sendMessage"));
    }
}
