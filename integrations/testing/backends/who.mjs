// What a Node program knows of its request. Usage: node who.mjs PORT
import { createServer } from 'node:http';

createServer((request, response) => {
  request
    .resume()
    .on('end', () => response.end(JSON.stringify({ ...request.headers, ...request.trailers })));
}).listen(Number(process.argv[2]), '127.0.0.1');
