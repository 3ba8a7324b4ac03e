//! Links two networks of a customer, or takes a link away: one half at each end, each by itself.
//!
//! Two networks of machines in two zones are linked by a network object on each host ([`tunnel`]), two namespaces by a rule in each that
//! lets the other in ([`rules`]). The procedure is one:
//!
//! | step      | link                                    | removal                  | way back             |
//! |-----------|-----------------------------------------|--------------------------|----------------------|
//! | look      | how both halves are is remembered       | the same                 | –                    |
//! | first     | one half is made                        | one half is removed      | as it was remembered |
//! | second    | the other half                          | the other half           | as it was remembered |
//! | read-back | both are there, machines ping across    | both are gone, no answer | –                    |
//!
//! A half that is right already is left alone, also on the way back. A half may not stay alone: a system that hangs while the second one is
//! made leads to the way back, too.

mod ping;
pub mod rules;
pub mod tunnel;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use crm::clock::Clock;
use crm::domain::action::Proof;
use crm::domain::plan::{Change, Plan};
use serde::{Deserialize, Serialize};

use crate::cluster::Rule;
use crate::failure::{Failure, Kind};
use crate::links::LinkSide;
use crate::report::Timing;
use crate::steps::{Procedure, Progress, Run, Step};

pub use tunnel::{End, Ends, ZoneEnd};

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// The link.
    Link,
    /// Its absence.
    Removal,
}

/// One half of a link as it is, or shall be. On disk the pair of a tunnel's side and whether it is started; never to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Half {
    /// A network object, and whether it is started.
    Tunnel(LinkSide, bool),
    /// A rule of a namespace.
    Rule(Rule),
}

/// What stands where one half belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Nothing,
    /// Something that is not this link's, in an engineer's words: it is left alone.
    Foreign(String),
    /// This half, and whether everything that belongs to it is whole.
    Ours(Half, bool),
}

/// Two halves, wherever they are. Failures need not name the step.
#[async_trait]
pub trait Halves: Send + Sync {
    /// Both as they are when the link is whole.
    fn whole(&self) -> [Half; 2];
    /// One of them as it is.
    async fn seen(&self, at: usize) -> Result<Seen, Failure>;
    /// Makes one of them like `half`.
    async fn set(&self, at: usize, half: &Half) -> Result<(), Failure>;
    /// Removes one of them; no error if there is none.
    async fn clear(&self, at: usize) -> Result<(), Failure>;
    /// Before → after, for each direction.
    fn changes(&self, before: [Option<&Half>; 2], after: [Option<&Half>; 2]) -> Vec<Change>;
    /// Tries the link as machines do, until it comes out as wished. Where nobody can be asked, nothing is said.
    async fn tried(&self, wish: Wish, clock: &dyn Clock, timing: &Timing) -> Result<Vec<Change>, Failure>;
}

/// Two ends that can be linked, with the systems they are in.
pub enum Pair {
    /// Networks in two zones.
    Zones(Ends),
    /// Namespaces.
    Clusters(rules::Ends),
}

impl Pair {
    /// What a link, or its removal, would change.
    pub async fn plan(&self, wish: Wish) -> Result<Plan, Failure> {
        match self {
            Self::Zones(ends) => tunnel::plan(ends, wish).await,
            Self::Clusters(ends) => rules::plan(ends, wish).await,
        }
    }

    /// Executes `wish` as it was planned, or goes on where an earlier run stopped. Called again after it succeeded, it returns the same
    /// proof.
    pub async fn run(
        &self,
        wish: Wish,
        plan: &Plan,
        time: (&dyn Clock, &Timing),
        progress: &mut dyn Progress,
    ) -> Result<Proof, Failure> {
        match (self, plan.facts.vni) {
            (Self::Zones(ends), Some(vni)) => tunnel::run(ends, wish, vni, time, progress).await,
            (Self::Zones(_), None) => {
                Err(Failure::new("look", Kind::Failed, "the approved plan has no link number"))
            }
            (Self::Clusters(ends), _) => rules::run(ends, wish, time, progress).await,
        }
    }
}

fn refused(text: String) -> Failure {
    Failure::new("plan", Kind::Refused, text)
}

/// What was remembered is the half of another kind of link.
fn of_another_kind() -> Failure {
    Failure::new(
        "look",
        Kind::Uncertain,
        "the saved progress belongs to another kind of link; look how far it came",
    )
}

/// The names of the plan's steps.
fn steps(wish: Wish) -> Vec<String> {
    if wish == Wish::Link { Linking::<false>::names() } else { Linking::<true>::names() }
}

/// What the procedure works with.
pub struct World<'r> {
    halves: &'r dyn Halves,
    wish: Wish,
    timing: &'r Timing,
}

/// What it remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    began: Option<DateTime<Utc>>,
    /// How each half was before anything was done; saved before it is touched.
    before: [Option<Half>; 2],
    read: Vec<Change>,
    done_at: Option<DateTime<Utc>>,
}

/// Makes a link, or takes it away.
pub struct Linking<const REMOVAL: bool>;

impl<const REMOVAL: bool> Procedure for Linking<REMOVAL> {
    const NAME: &'static str = if REMOVAL { "zone.unlink" } else { "zone.link" };
    const UNDO_WHEN_HUNG: bool = true;
    type World<'r> = World<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(run.look()), undo: None },
        Step {
            name: "first",
            act: |run| Box::pin(run.bring(0)),
            undo: Some(|run| Box::pin(run.put_back(0))),
        },
        Step {
            name: "second",
            act: |run| Box::pin(run.bring(1)),
            undo: Some(|run| Box::pin(run.put_back(1))),
        },
        Step { name: "read-back", act: |run| Box::pin(run.read_back()), undo: None },
    ];
}

/// Executes `wish` on `halves`.
async fn execute(
    halves: &dyn Halves,
    wish: Wish,
    (clock, timing): (&dyn Clock, &Timing),
    progress: &mut dyn Progress,
) -> Result<Proof, Failure> {
    let world = World { halves, wish, timing };
    match wish {
        Wish::Link => finish(Run::<Linking<false>>::open(world, clock, progress).await?, "linked").await,
        Wish::Removal => finish(Run::<Linking<true>>::open(world, clock, progress).await?, "unlinked").await,
    }
}

async fn finish<const REMOVAL: bool>(
    mut run: Run<'_, Linking<REMOVAL>>,
    state: &str,
) -> Result<Proof, Failure> {
    run.finish().await?;
    let (Some(began), Some(at)) = (run.memory.began, run.memory.done_at) else {
        return Err(run.failure(Kind::Uncertain, "the link was worked on, but its proof is missing"));
    };
    let already = run.memory.read.iter().take(2).all(|change| change.before == change.after);
    Ok(Proof {
        method: if already { "already" } else { "done" }.to_owned(),
        state: state.to_owned(),
        boot_id: None,
        domain_id: None,
        at,
        took_ms: (at - began).num_milliseconds(),
        read_back: std::mem::take(&mut run.memory.read),
    })
}

/// A half that carries traffic: a stopped one is as good as none.
fn working(half: Option<&Half>) -> Option<&Half> {
    half.filter(|half| !matches!(half, Half::Tunnel(_, false)))
}

impl<const REMOVAL: bool> Run<'_, Linking<REMOVAL>> {
    /// The half as it shall be.
    fn wished(&self, at: usize) -> Option<Half> {
        let [first, second] = self.halves.whole();
        (self.wish == Wish::Link).then_some(if at == 0 { first } else { second })
    }

    fn of_this_step(&self, failure: Failure) -> Failure {
        Failure { step: self.step().to_owned(), ..failure }
    }

    async fn seen(&mut self, at: usize) -> Result<Seen, Failure> {
        self.halves.seen(at).await.map_err(|failure| self.of_this_step(failure))
    }

    /// What there is of ours; an error if its place has gone to somebody else meanwhile.
    async fn ours(&mut self, at: usize) -> Result<Option<(Half, bool)>, Failure> {
        match self.seen(at).await? {
            Seen::Nothing => Ok(None),
            Seen::Ours(half, whole) => Ok(Some((half, whole))),
            Seen::Foreign(text) => Err(self.failure(Kind::Refused, text)),
        }
    }

    /// Whether what is there is what shall be there.
    fn is_right(seen: Option<&(Half, bool)>, wanted: Option<&Half>) -> bool {
        match (seen, wanted) {
            (None, None) => true,
            (Some((half, whole)), Some(wanted)) => *whole && half == wanted,
            _ => false,
        }
    }

    async fn make(&mut self, at: usize, wanted: Option<Half>) -> Result<(), Failure> {
        self.fence().await?;
        let done = match &wanted {
            Some(half) => self.halves.set(at, half).await,
            None => self.halves.clear(at).await,
        };
        done.map_err(|failure| self.of_this_step(failure))
    }

    async fn look(&mut self) -> Result<(), Failure> {
        self.memory.began = Some(self.begun_at());
        for at in [0, 1] {
            self.memory.before[at] = self.ours(at).await?.map(|(half, _)| half);
        }
        Ok(())
    }

    async fn bring(&mut self, at: usize) -> Result<(), Failure> {
        let wanted = self.wished(at);
        if Self::is_right(self.ours(at).await?.as_ref(), wanted.as_ref()) {
            return Ok(());
        }
        self.make(at, wanted).await
    }

    /// One half as it was before.
    async fn put_back(&mut self, at: usize) -> Result<(), Failure> {
        let seen = match self.seen(at).await? {
            Seen::Foreign(_) => return Ok(()),
            Seen::Nothing => None,
            Seen::Ours(half, whole) => Some((half, whole)),
        };
        let before = self.memory.before[at].clone();
        if Self::is_right(seen.as_ref(), before.as_ref()) { Ok(()) } else { self.make(at, before).await }
    }

    /// Both halves are as wished, and machines say so too where there are any that can be asked.
    async fn read_back(&mut self) -> Result<(), Failure> {
        let wanted = [self.wished(0), self.wished(1)];
        let until = self.after(self.timing.start_wait);
        loop {
            let seen = [self.ours(0).await?, self.ours(1).await?];
            if seen.iter().zip(&wanted).all(|(seen, wanted)| Self::is_right(seen.as_ref(), wanted.as_ref())) {
                break;
            }
            if self.clock.now() >= until {
                return Err(self.failure(Kind::Failed, format!("after the change there is {seen:?}")));
            }
            self.clock.sleep_until(self.after(self.timing.poll)).await;
        }
        let before = self.memory.before.each_ref().map(|half| working(half.as_ref()));
        let mut read = self.halves.changes(before, wanted.each_ref().map(Option::as_ref));
        let tried = self.halves.tried(self.wish, self.clock, self.timing).await;
        read.extend(tried.map_err(|failure| self.of_this_step(failure))?);
        (self.memory.read, self.memory.done_at) = (read, Some(self.clock.now()));
        Ok(())
    }
}
