// A user by faker-js, with the columns that ours have; the number makes the address unique.
import { randomUUID } from "node:crypto";
import { faker } from "@faker-js/faker";

faker.seed(42);
const statuses = ["active", "invited", "suspended", "disabled"];
export const columns =
  "id, email, full_name, display_name, password_hash, status, is_system, last_login_at, created_at, updated_at";

export function user(row) {
  const given = faker.person.firstName();
  const family = faker.person.lastName();
  const since = faker.date.past({ years: 2, refDate: "2026-03-02" });
  return {
    id: randomUUID(),
    email: faker.internet.exampleEmail({ firstName: given, lastName: `${family}${row}` }).toLowerCase(),
    full_name: `${given} ${family}`,
    display_name: given,
    password_hash: "!",
    status: faker.helpers.arrayElement(statuses),
    is_system: false,
    last_login_at: faker.date.recent({ days: 21, refDate: "2026-03-02" }),
    created_at: since,
    updated_at: since,
  };
}
