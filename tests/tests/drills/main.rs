//! Every plan under every trouble: each call to a system and each save goes wrong once, in every way, and the process dies once before and
//! once after it, or stands still until another has taken over. Every crash between two steps and every repetition of a step is among
//! these. A new plan needs a row of the table; a new kind of action without one does not compile.

mod board;
mod machine;
mod process;
mod rows;
mod town;
mod troubled;

use anyhow::{Context, Result, ensure};
use crm::domain::action::{Failure, Proof};

use crate::board::{Answer, Trouble, troubles};
use crate::process::{Disk, Job};
use crate::rows::{Row, rows};
use crate::town::Town;

/// How it goes when nothing goes wrong.
struct Undisturbed {
    before: String,
    after: String,
    /// It leaves a secret behind a link that opens something.
    secret: Option<bool>,
    effects: Vec<(String, u32)>,
}

#[tokio::test]
async fn whatever_goes_wrong_a_plan_is_done_once_or_undone_or_a_human_knows() -> Result<()> {
    let Some(town) = Town::new().await? else { return Ok(()) };
    let mut drills = 0;
    for row in rows() {
        town.renew(row.set);
        let before = town.settled();
        town.renew(row.set);
        town.board.begin(None);
        let plan = provisioner::plans::plan(&town.systems, &row.spec).await.context(row.name)?;
        let job = Job { town: &town, spec: &row.spec, plan: &plan, disk: Disk::default() };
        job.to_the_end().await.map_err(|failure| anyhow::anyhow!("{}: {failure:?}", row.name))?;
        let secret = town.behind_the_link().await?;
        let usual = Undisturbed { before, after: town.settled(), secret, effects: town.effects() };
        let calls = town.board.calls();
        for trouble in troubles() {
            for at in 0.. {
                town.renew(row.set);
                town.board.begin(Some((at, trouble)));
                let job = Job { town: &town, spec: &row.spec, plan: &plan, disk: Disk::default() };
                let ended = job.to_the_end().await;
                if !town.board.met() {
                    break;
                }
                drills += 1;
                let walk = town.board.walk();
                check((&town, &row), &usual, &job, trouble, &ended, &walk).await.with_context(|| {
                    format!("{}, {trouble:?} at call {at}: {ended:?}\n{walk:#?}", row.name)
                })?;
            }
        }
        println!("{}: {calls} calls", row.name);
    }
    println!("{drills} drills");
    Ok(())
}

/// What holds after every drill.
async fn check(
    (town, row): (&Town, &Row),
    usual: &Undisturbed,
    job: &Job<'_>,
    trouble: Trouble,
    ended: &Result<Proof, Failure>,
    walk: &[String],
) -> Result<()> {
    let hung = matches!(trouble, Trouble::Fails(Answer::Hung) | Trouble::FailsAfter(Answer::Hung));
    let picture = town.settled();
    let twice = town.effects().into_iter().zip(&usual.effects).find(|(now, usual)| now.1 > usual.1);
    ensure!(twice.is_none(), "more than once: {twice:?}");
    match ended {
        Ok(_) => {
            ensure!(picture == usual.after, "a proof, but it is\n{picture}");
            let secret = town.behind_the_link().await?;
            ensure!(secret == usual.secret, "what lies behind the link opens something: {secret:?}");
        }
        Err(failure) => {
            ensure!(!trouble.passes(), "it should have passed");
            ensure!(!failure.text.is_empty(), "the human is told nothing");
            // A human was told that it hangs, and what it may still do.
            let known = hung || row.one_way || picture == usual.before || picture == usual.after;
            ensure!(known, "neither as before nor as planned:\n{picture}");
            let undone = picture == usual.before && !hung;
            let back: Vec<&String> = walk.iter().rev().collect();
            ensure!(!undone || walk.iter().eq(back), "undone, but not in reverse");
        }
    }
    // Whoever asks again hears the same, and nothing is touched.
    town.board.begin(None);
    let again = job.to_the_end().await;
    match (ended, &again) {
        (Ok(proof), Ok(again)) => {
            ensure!(proof == again || row.spec.only_looks(), "another proof: {again:?}");
        }
        (Err(_), Err(_)) => {}
        (Err(_), Ok(_)) => {
            ensure!(
                hung || row.one_way || town.settled() == usual.after,
                "done after all, but not as planned"
            );
        }
        (Ok(_), Err(failure)) => ensure!(false, "the proof is gone: {failure:?}"),
    }
    if ended.is_ok() {
        ensure!(town.settled() == picture, "asked again, it changed something");
    }
    Ok(())
}

/// A row that the table lacks is seen here, one that the domain has got since by the compiler.
#[test]
fn every_kind_of_action_has_a_row() {
    let rows = rows();
    for kind in rows::kinds(&rows[0].spec) {
        assert!(rows.iter().any(|row| row.spec.kind() == kind), "{kind} is drilled by no row");
    }
}
