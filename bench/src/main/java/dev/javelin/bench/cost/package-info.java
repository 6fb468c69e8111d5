/** What Javelin's own additions cost others. */
package dev.javelin.bench.cost;
