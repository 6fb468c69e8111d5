/** The process: command line, configuration, wiring of the modules, counters file, metrics. */
package dev.javelin.launcher;
