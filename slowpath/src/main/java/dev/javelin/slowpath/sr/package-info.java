/**
 * memcached-sr: memcached's released source with a few lines of ours.
 */
package dev.javelin.slowpath.sr;
