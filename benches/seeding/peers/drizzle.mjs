// Users by drizzle-seed, which makes all rows and then sends them in statements of many.
import { drizzle } from "drizzle-orm/node-postgres";
import { boolean, pgEnum, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { seed } from "drizzle-seed";
import pg from "pg";

const status = pgEnum("user_status", ["active", "invited", "suspended", "disabled"]);
const instant = (name) => timestamp(name, { withTimezone: true });
const users = pgTable("users", {
  id: uuid("id").primaryKey(),
  email: text("email").notNull().unique(),
  full_name: text("full_name").notNull(),
  display_name: text("display_name").notNull(),
  password_hash: text("password_hash").notNull(),
  status: status("status").notNull(),
  is_system: boolean("is_system").notNull(),
  last_login_at: instant("last_login_at"),
  created_at: instant("created_at").notNull(),
  updated_at: instant("updated_at").notNull(),
});
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const count = Number(process.argv[2]);
const between = (f) => f.date({ minDate: "2024-01-01", maxDate: "2026-03-01" });
await seed(drizzle(pool), { users }, { seed: 42 }).refine((f) => ({
  users: {
    count,
    columns: {
      id: f.uuid(),
      email: f.email(),
      full_name: f.fullName(),
      display_name: f.firstName(),
      password_hash: f.default({ defaultValue: "!" }),
      status: f.valuesFromArray({ values: status.enumValues }),
      is_system: f.default({ defaultValue: false }),
      last_login_at: between(f),
      created_at: between(f),
      updated_at: between(f),
    },
  },
}));
await pool.end();
