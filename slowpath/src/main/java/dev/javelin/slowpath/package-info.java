/**
 * What does not have to be fast: unanswered requests go back to the kernel, missed keys come from memcached.
 */
package dev.javelin.slowpath;
