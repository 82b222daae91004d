// Users by faker-js through knex, a thousand in a statement, in one transaction.
import knex from "knex";
import { user } from "./user.mjs";

const db = knex({ client: "pg", connection: process.env.DATABASE_URL });
const count = Number(process.argv[2]);
await db.transaction(async (transaction) => {
  for (let start = 0; start < count; start += 1000) {
    const rows = Array.from({ length: Math.min(1000, count - start) }, (_, i) => user(start + i));
    await transaction("users").insert(rows);
  }
});
await db.destroy();
