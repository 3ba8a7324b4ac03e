//! `/oncall`: whom a page would wake now, by department.

use crm::domain::ids::StaffId;
use crm::domain::kind::Queue;
use crm::domain::person::Role;
use crm::t;

use super::facts::staff_name;
use super::words;
use crate::context::{Context, Result};
use crate::say::{Say, escape};

/// Shows the chain of each department that has a rota, and the duty managers.
pub async fn show(ctx: &Context) -> Result<()> {
    let lang = ctx.lang;
    let mut lines = vec![t!(lang, "desk-oncall-title")];
    {
        let tx = &mut ctx.work().await.tx;
        let managers: Vec<StaffId> =
            tx.staff_with_role(Role::DutyManager).await?.into_iter().map(|s| s.id).collect();
        for queue in Queue::ALL {
            let Some(rota) = tx.rota_of(*queue).await? else { continue };
            let mut names = Vec::new();
            for staff in rota.chain(ctx.now, &managers) {
                names.push(escape(&staff_name(tx, &staff).await?));
            }
            let queue = words::queue(*queue, lang);
            lines.push(t!(lang, "desk-oncall-line", queue = queue, names = names.join(" → ")));
        }
        if lines.len() == 1 {
            let mut names = Vec::new();
            for staff in &managers {
                names.push(escape(&staff_name(tx, staff).await?));
            }
            lines.push(t!(lang, "desk-oncall-none", names = names.join(", ")));
        }
    }
    ctx.send(&Say::html(lines.join("\n"))).await;
    Ok(())
}
