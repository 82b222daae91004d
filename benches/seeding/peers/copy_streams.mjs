// Users by faker-js through COPY, which pg-copy-streams offers.
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from } from "pg-copy-streams";
import { columns, user } from "./user.mjs";

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
const count = Number(process.argv[2]);

// Names of people have no tabs, line ends or backslashes, which COPY would want escaped.
function* lines() {
  for (let start = 0; start < count; start += 500) {
    let text = "";
    for (let row = start; row < Math.min(start + 500, count); row++) {
      const { last_login_at, created_at, updated_at, ...rest } = user(row);
      const instants = [last_login_at, created_at, updated_at].map((at) => at.toISOString());
      text += `${Object.values(rest).concat(instants).join("\t")}\n`;
    }
    yield text;
  }
}
await client.connect();
await pipeline(Readable.from(lines()), client.query(from(`COPY users (${columns}) FROM STDIN`)));
await client.end();
