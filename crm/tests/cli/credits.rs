//! `incidents import` and `credits`: a month from files alone, every mistake by line, and nothing imported by halves.

use serde_json::Value;

use crate::world::World;

/// The example of DESIGN 6.
const INCIDENTS: &str = include_str!("../../src/incidents/example.csv");

fn figures(world: &World, month: &str) -> Vec<Value> {
    let said = world.run(&["credits", "--period", month]).well();
    serde_json::from_str(&said).expect("a list")
}

fn of<'v>(list: &'v [Value], service: &str) -> &'v Value {
    list.iter().find(|v| v["service"] == service).expect("the service")
}

#[test]
fn a_month_is_computed_from_two_files() {
    let world = World::with_directory();
    world.file("incidents.csv", INCIDENTS);
    let said = world.run(&["incidents", "import", "incidents.csv"]).well();
    assert_eq!(said, "5 intervals imported, 0 known already\n");
    let october = figures(&world, "2026-10");
    let web = of(&october, "acme-web");
    // 02:10–03:05:30 and 02:40–03:20 overlap: 70 minutes; the works lie elsewhere.
    let figure = |key: &str| web[key].clone();
    assert_eq!(figure("downtime_ms"), 4_200_000);
    assert_eq!(figure("period_ms"), 31 * 86_400_000i64);
    assert_eq!(figure("availability"), "99.843189");
    assert_eq!(figure("tier_percent"), 5);
    assert_eq!((figure("base"), figure("credit")), ("45000.00".into(), "2250.00".into()));
    assert_eq!((figure("capped"), figure("period")), (false.into(), "2026-10".into()));
    assert_eq!(web["intervals"].as_array().map(Vec::len), Some(3));
    assert_eq!(web["intervals"][0]["started_at"], "2026-10-03T02:10:00+05:00");
    assert_eq!(web["intervals"][2]["effect"], "takes_away");
    assert_eq!(web["rules"], serde_json::json!(["C1", "C2", "C4", "C8", "C9", "C12", "C13"]));
    let k8s = of(&october, "acme-k8s");
    assert_eq!((k8s["downtime_ms"].clone(), k8s["tier_percent"].clone()), (1_800_000.into(), 0.into()));
    assert_eq!(of(&figures(&world, "2026-11"), "acme-k8s")["downtime_ms"], 2_700_000);
    // The same file again changes nothing, and the same month comes out.
    let again = world.run(&["incidents", "import", "incidents.csv"]).well();
    assert_eq!(again, "0 intervals imported, 5 known already\n");
    assert_eq!(figures(&world, "2026-10"), october);

    let csv = world.run(&["credits", "--period", "2026-10", "--format", "csv"]).well();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "service,customer,period,status,revision,policy,period_ms,downtime_ms,availability,tier_percent,base,paid,credit,capped,rules"
    );
    assert_eq!(
        lines[2],
        "acme-web,acme,2026-10,computed,,vm@2025-09-10,2678400000,4200000,99.843189,5,45000.00,45000.00,2250.00,false,C1 C2 C4 C8 C9 C12 C13"
    );
}

#[test]
fn a_closed_month_is_frozen_and_a_late_interval_is_a_new_record() {
    let world = World::with_directory();
    world.file("incidents.csv", INCIDENTS);
    world.run(&["incidents", "import", "incidents.csv"]).well();
    let closed = world.run(&["credits", "--period", "2026-10", "--close"]);
    assert!(closed.err.contains("2026-10: the figures of 2 services are frozen"), "{closed:?}");
    let frozen = figures(&world, "2026-10");
    assert_eq!(
        (of(&frozen, "acme-web")["status"].clone(), of(&frozen, "acme-web")["revision"].clone()),
        ("waiting".into(), 1.into())
    );
    assert_eq!(of(&frozen, "acme-k8s")["status"], "nothing");
    let twice = world.run(&["credits", "--period", "2026-10", "--close"]).badly();
    assert!(twice.contains("2026-10 is closed already"), "{twice}");

    let late = "service,started_at,ended_at,cause,confirmed_by,seconded_by,evidence\n\
                acme-web,2026-10-20T00:00:00+05:00,2026-10-20T09:00:00+05:00,provider,nurlan,dana,found in the logs\n";
    world.file("late.csv", late);
    world.run(&["incidents", "import", "late.csv"]).well();
    let corrected = figures(&world, "2026-10");
    let web = of(&corrected, "acme-web");
    assert_eq!((web["revision"].clone(), web["credit"].clone()), (2.into(), "4500.00".into()));
    assert_eq!(web["reason"], "imported intervals; credit 2250.00 → 4500.00 KZT");
    assert_eq!(of(&corrected, "acme-k8s")["revision"], 1);
    assert!(world.run(&["audit", "verify"]).code == 0);
}

#[test]
fn a_broken_line_40001_is_named_and_nothing_is_imported() {
    let world = World::with_directory();
    let mut text = String::from("service,started_at,ended_at,cause,confirmed_by,seconded_by,evidence\n");
    for line in 2..=50_000 {
        let (hour, second) = (line % 20, line % 60);
        if line == 40_001 {
            text.push_str("acme-web,2026-10-03T02:10:00+05:00,provider,nurlan,dana,x\n");
        } else {
            text.push_str(&format!(
                "acme-web,2026-10-03T{hour:02}:00:00+05:00,2026-10-03T{hour:02}:10:{second:02}+05:00,provider,nurlan,dana,record {line}\n"
            ));
        }
    }
    world.file("many.csv", &text);
    let said = world.run(&["incidents", "import", "many.csv"]).badly();
    assert_eq!(
        said,
        "line 40001: 6 fields where 7 are needed\nmany.csv: 1 mistake found; nothing was imported\n"
    );
    assert_eq!(of(&figures(&world, "2026-10"), "acme-web")["downtime_ms"], 0);
}

#[test]
fn every_mistake_is_told_by_its_line_with_what_to_do() {
    let world = World::with_directory();
    let file = "service,started_at,ended_at,cause,confirmed_by,seconded_by,evidence\n\
        acme-wob,2026-10-03T02:00:00+05:00,2026-10-03T03:00:00+05:00,provider,nurlan,dana,a\n\
        acme-web,2026-10-03T03:00:00+05:00,2026-10-03T02:00:00+05:00,provider,nurlan,dana,a\n\
        acme-web,2026-10-03 02:00,2026-10-03T03:00:00+05:00,provider,nurlan,dana,a\n\
        acme-web,2026-10-03T02:00:00+05:00,2026-10-03T03:00:00+05:00,ha_master_unreachable,nurlan,dana,a\n\
        acme-web,2026-10-03T02:00:00+05:00,2026-10-03T03:00:00+05:00,provder,nurlan,dana,a\n\
        acme-web,2026-10-03T02:00:00+05:00,2026-10-03T03:00:00+05:00,provider,nurlan,Nurlan,a\n\
        acme-web,2026-10-03T02:00:00+05:00,2026-10-03T03:00:00+05:00,provider,nurlan,,a\n\
        acme-web,2026-10-03T02:00:00+05:00,2026-10-03T03:00:00+05:00,provider,nurlan,dana,\n\
        acme-web,2026-10-03T02:00:00+05:00,2099-10-03T03:00:00+05:00,provider,nurlan,dana,a\n";
    world.file("bad.csv", file);
    let said = world.run(&["incidents", "import", "bad.csv"]).badly();
    for expected in [
        "line 2: service: there is no service «acme-wob» in the directory (did you mean «acme-web»?)",
        "line 3: it ends (2026-10-03T02:00:00+05:00) before it begins (2026-10-03T03:00:00+05:00)",
        "line 4: started_at: «2026-10-03 02:00» is no moment; write 2026-10-03T02:10:00+05:00",
        "line 5: cause: the cause ha_master_unreachable does not fit a vm service",
        "line 6: cause: «provder» is not one of: provider,",
        "(did you mean «provider»?)",
        "line 7: seconded_by: Nurlan cannot second himself",
        "line 8: seconded_by: nobody is named",
        "line 9: evidence: say what shows it",
        "line 10: it ends in the future (2099-10-03T03:00:00+05:00)",
        "bad.csv: 9 mistakes found; nothing was imported",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    world.file("columns.csv", "service,from,to\n");
    let said = world.run(&["incidents", "import", "columns.csv"]).badly();
    assert!(said.starts_with("line 1: the column started_at, ended_at, cause"), "{said}");
    assert!(world.run(&["incidents", "import", "none.csv"]).badly().contains("none.csv cannot be read"));
}

#[test]
fn a_period_that_is_not_over_is_preliminary_and_not_closed() {
    let world = World::with_directory();
    let said = world.run(&["credits", "--period", "9000-01"]);
    assert!(said.err.contains("9000-01 is not over yet: these figures are preliminary"), "{said:?}");
    assert!(said.out.contains("\"status\":\"preliminary\""), "{said:?}");
    let refused = world.run(&["credits", "--period", "9000-01", "--close"]).badly();
    assert!(refused.contains("9000-01 is not over yet"), "{refused}");
    let wrong = world.run(&["credits", "--period", "October"]);
    assert!(
        wrong.code == 2 && wrong.err.contains("«October» is no month; write one such as 2026-10"),
        "{wrong:?}"
    );
}

#[test]
fn a_price_that_is_missing_is_said_and_guessed_by_nobody() {
    let world = World::new();
    let directory = crate::world::DIRECTORY
        .replace("from = 2026-01-15T09:00:00+05:00", "from = 2026-10-15T09:00:00+05:00");
    world.file("d.toml", &directory);
    world.run(&["directory", "apply", "d.toml"]).well();
    world.file("incidents.csv", INCIDENTS);
    world.run(&["incidents", "import", "incidents.csv"]).well();
    let said = world.run(&["credits", "--period", "2026-10"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("acme-web has no price at 2026-10-02 21:10:00 UTC"), "{said:?}");
    let list: Vec<Value> = serde_json::from_str(&said.out).expect("a list");
    assert_eq!(of(&list, "acme-web")["credit"], Value::Null);
    // The rest of the month is closed, and this service once its price is there.
    assert_eq!(world.run(&["credits", "--period", "2026-10", "--close"]).code, 1);
    world.run(&["directory", "apply", "d.toml"]).well();
    world.file("d.toml", crate::world::DIRECTORY);
    world.run(&["directory", "apply", "d.toml"]).well();
    let closed = world.run(&["credits", "--period", "2026-10", "--close"]);
    assert_eq!(closed.code, 0, "{closed:?}");
    assert_eq!(of(&figures(&world, "2026-10"), "acme-web")["credit"], "2250.00");
}
