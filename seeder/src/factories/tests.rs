//! What every factory makes.

use std::collections::BTreeSet;

use entity::access::types::UserStatus;
use seeding_engine::World;

use super::{access, festival, school};
use crate::reference::subject_key;

fn world() -> World {
    World { seed: 42, as_of: "2026-03-02".parse().unwrap() }
}

#[test]
fn a_row_knows_its_parents_without_asking_anybody() {
    let (world, row) = (world(), 25);
    let user = access::user(world).build(row);
    assert_eq!(access::session(world).build(row).user_id, user.id);
    assert_eq!(access::audit_log(world).build(row).actor_id, Some(user.id));
    assert_eq!(school::teacher(world).build(row).user_id, user.id);

    let class = school::class(world).build(1);
    assert_eq!(class.teacher_id, school::teacher(world).build(1).id);
    assert_eq!(class.subject_id, subject_key("ENG"));
    let student = school::student(world).build(row);
    let enrollment = school::enrollment(world).build(row);
    assert_eq!((enrollment.student_id, enrollment.class_id), (student.id, class.id));
    assert_eq!(school::attendance(world).build(row * 8 + 3).enrollment_id, enrollment.id);
    let exam = school::exam(world).build(4);
    assert_eq!(exam.class_id, class.id);
    let result = school::exam_result(world).build(row);
    assert_eq!((result.exam_id, result.student_id), (exam.id, student.id));
    assert_eq!(result.max_score, exam.max_score);

    let event = festival::event(world).build(2);
    assert_eq!(event.venue_id, festival::venue(world).build(0).id);
    assert_eq!(festival::pricing_tier(world).build(7).event_id, event.id);
    let review = festival::review(world).build(row);
    assert_eq!((review.event_id, review.user_id), (event.id, user.id));
    let attendance = festival::event_attendance(world).build(row);
    assert_eq!((attendance.event_id, attendance.user_id), (event.id, user.id));
    assert_eq!(festival::notification(world).build(row).user_id, user.id);
}

#[test]
fn what_must_be_unique_is() {
    let mut seen = BTreeSet::new();
    for row in 0..500 {
        let words = [
            access::user(world()).build(row).email,
            access::session(world()).build(row).token_hash,
            school::teacher(world()).build(row).employee_no,
            school::student(world()).build(row).student_no,
            school::class(world()).build(row).code,
            festival::event(world()).build(row).slug,
        ];
        for (table, word) in words.into_iter().enumerate() {
            assert!(seen.insert((table, word.clone())), "{word}");
        }
        let attendance = school::attendance(world()).build(row);
        let day = format!("{} {}", attendance.enrollment_id, attendance.day);
        assert!(seen.insert((6, day)), "row {row}");
    }
}

#[test]
fn a_state_changes_what_it_says_and_nothing_else() {
    let plain = access::user(world()).build(3);
    assert_eq!(plain.status, UserStatus::Active);
    let suspended = access::user(world()).with(access::suspended).build(3);
    assert_eq!(suspended.status, UserStatus::Suspended);
    assert_eq!(suspended.email, plain.email);
    let invited = access::user(world()).with(access::invited).build(3);
    assert_eq!((invited.status, invited.last_login_at), (UserStatus::Invited, None));
    assert!(plain.last_login_at.is_some());
    let graduated = school::student(world()).with(school::graduated).build(3);
    assert_eq!(graduated.grade_level, 12);
}
