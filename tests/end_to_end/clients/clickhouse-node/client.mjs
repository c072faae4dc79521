// Asks a ClickHouse HTTP interface as an application does: node client.mjs URL
import { createClient } from "@clickhouse/client";

const client = createClient({
  url: process.argv[2],
  username: "anyone",
  password: "anything",
  compression: { response: true },
});
const out = {};
out.ping = (await client.ping()).success;
const rows = await client.query({
  query: "SELECT number AS n, {s:String} AS s FROM numbers({count:UInt32})",
  query_params: { s: "it's\t\\", count: 3 },
  format: "JSONEachRow",
});
out.rows = await rows.json();
const whole = await client.query({ query: "SELECT count() AS c FROM spans", format: "JSON" });
out.count = (await whole.json()).data;
let streamed = 0;
const stream = await client.query({ query: "SELECT number FROM numbers(500000)", format: "JSONCompactEachRow" });
for await (const part of stream.stream()) streamed += part.length;
out.streamed = streamed;
for (const query of ["SELECT nope", "DROP TABLE spans"]) {
  try {
    await (await client.query({ query, format: "JSON" })).json();
  } catch (error) {
    (out.errors ??= []).push([error.code, error.type]);
  }
}
await client.close();
console.log(JSON.stringify(out));
