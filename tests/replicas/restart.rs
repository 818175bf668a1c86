//! The database itself is restarted while people use the bot: a cluster of this story's own.

use sim::postgres::Cluster;

use crate::install::Spec;
use crate::machines::{all_live, assert_once, people};
use crate::site::Site;

const FLEET: [Spec; 2] = [Spec("de1", 100, 1.0), Spec("de2", 100, 1.0)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_the_database_loses_and_doubles_nothing() {
    let Some(cluster) = Cluster::own().await else { return };
    let site = Site::over(cluster.database().await.unwrap(), 2, &FLEET).await;
    site.led().await;
    let crowd = people(&site, 1, 12);
    for round in 0..2 {
        site.until("somebody is being served", async |site| {
            site.count("SELECT count(*) FROM operations WHERE outcome = 'done'").await > 4 * round
        })
        .await;
        cluster.stop().await.unwrap();
        site.until("everybody knows", async |site| {
            let pages = [site.page(0, "/readyz").await, site.page(1, "/readyz").await];
            pages.iter().flatten().filter(|page| page.contains("\"database\":false")).count() == 2
        })
        .await;
        cluster.starts_again().await.unwrap();
        site.until("everybody is back", async |site| site.all_ready().await).await;
    }
    site.led().await;
    all_live(&site, crowd).await;
    assert_eq!(site.count("SELECT count(*) FROM flags WHERE raised AND name = 'hold'").await, 0);
    assert_once(&site, 12, 4).await;
}
