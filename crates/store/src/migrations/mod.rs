//! Migrations. One that was released never changes; the next one is added at the end of the list.

use sea_orm_migration::prelude::*;

mod m0001_initial;
mod m0002_server;
mod m0003_key_limits;
mod m0004_key_rotation;
mod m0005_top_ups;
mod m0006_webhooks;
mod m0007_claims;
mod m0008_billing;
mod m0009_audit;
mod m0010_sample;
mod m0011_all_hours;
mod m0012_usage_hours;
mod tables;

/// Knows every migration, the oldest first.
pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::Initial),
            Box::new(m0002_server::Server),
            Box::new(m0003_key_limits::KeyLimits),
            Box::new(m0004_key_rotation::KeyRotation),
            Box::new(m0005_top_ups::TopUps),
            Box::new(m0006_webhooks::Webhooks),
            Box::new(m0007_claims::Claims),
            Box::new(m0008_billing::Billing),
            Box::new(m0009_audit::Audit),
            Box::new(m0010_sample::Sample),
            Box::new(m0011_all_hours::AllHours),
            Box::new(m0012_usage_hours::UsageHours),
        ]
    }
}
