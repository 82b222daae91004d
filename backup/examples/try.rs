#![allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used
)]
use backup::*;
use dbkit::{
    DatabaseUrl, Environment, Report, SystemClock,
    postgres::{Search, find_clients},
};
use std::{path::PathBuf, sync::Mutex, time::Duration};
struct Say(Mutex<()>);
impl Report<BackupEvent> for Say {
    fn report(&self, e: &BackupEvent) {
        if std::env::var("QUIET").is_err() {
            eprintln!("  event {e:?}");
        }
    }
}
fn chain(e: &dyn std::error::Error) -> String {
    let mut s = e.to_string();
    let mut c = e.source();
    while let Some(x) = c {
        s += " <- ";
        s += &x.to_string();
        c = x.source();
    }
    s
}
#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let url: DatabaseUrl = std::env::var("TRY_URL").unwrap().parse().unwrap();
    let dir = PathBuf::from(std::env::var("TRY_DIR").unwrap());
    let mut installations = find_clients(&Search::new(None)).await;
    if let Ok(bin) = std::env::var("TRY_BIN") {
        installations[0].bin_dir = bin.into();
    }
    let programs = Programs {
        installations,
        inherited: std::env::vars_os().filter(|(n, _)| n != "TRY_URL").collect(),
    };
    let say = Say(Mutex::new(()));
    let r: Result<String, Box<dyn std::error::Error>> = async {
        Ok(match args[1].as_str() {
            "create" => {
                let req = CreateRequest {
                    folder: dir,
                    name: args.get(2).cloned(),
                    kind: Kind::Manual,
                    environment: Environment::Testing,
                    host: "h".into(),
                    tool: Tool { name: "try".into(), version: "0".into() },
                    run: uuid::Uuid::from_u128(
                        std::time::SystemTime::now()
                            .duration_since(std::time::UNIX_EPOCH)
                            .unwrap()
                            .as_nanos(),
                    ),
                };
                let mut limits = CreateLimits {
                    folder_lock: Duration::from_secs(1),
                    table_lock: Duration::from_secs(2),
                    ..CreateLimits::default()
                };
                if let Ok(s) = std::env::var("TRY_STALL") {
                    limits.stall = Duration::from_secs(s.parse().unwrap());
                }
                let b = create(&url, &req, &programs, &limits, &SystemClock, &say).await?;
                format!("{} rows={} {:?}", b.path.display(), b.manifest.rows(), b.manifest.artifact)
            }
            "list" => {
                let mut s = String::new();
                for e in list(&dir, None)? {
                    s += &match &e {
                        Entry::Complete(b) => {
                            format!("{} ok rows={}\n", b.manifest.id, b.manifest.rows())
                        }
                        Entry::Damaged { id, damage, .. } => {
                            format!("{id} DAMAGED {}\n", chain(damage))
                        }
                    };
                }
                s
            }
            "verify" => {
                let b = find(&dir, None, &args[2])?;
                let level = if args[3] == "hash" { Level::Hash } else { Level::Structure };
                let v = verify(
                    &b,
                    level,
                    &programs,
                    Duration::from_secs(60),
                    dbkit::Clock::now(&SystemClock),
                    &say,
                )
                .await?;
                record(&b, &v)?;
                format!(
                    "sound={} {}",
                    v.is_sound(),
                    v.findings.iter().map(|f| f.to_string()).collect::<Vec<_>>().join("; ")
                )
            }
            "restore" => {
                let b = find(&dir, None, &args[2])?;
                let o = RestoreOptions {
                    database: args[3].clone(),
                    ownership: if args.get(4).map(String::as_str) == Some("noowner") {
                        Ownership::Restorer
                    } else {
                        Ownership::AsRecorded
                    },
                    limit: Duration::from_secs(600),
                };
                let stop: std::pin::Pin<Box<dyn Future<Output = ()>>> =
                    match std::env::var("TRY_STOP") {
                        Ok(ms) => {
                            Box::pin(tokio::time::sleep(Duration::from_millis(ms.parse().unwrap())))
                        }
                        Err(_) => Box::pin(std::future::pending()),
                    };
                format!("{:?}", restore(&b, &url, &o, &programs, stop, &say).await?)
            }
            _ => unreachable!(),
        })
    }
    .await;
    match r {
        Ok(s) => println!("OK {s}"),
        Err(e) => {
            println!("ERR {}", chain(&*e));
            println!("DBG {e:?}");
            std::process::exit(1)
        }
    }
}
