/** For the tests of every module: {@code @RequiresRoot} and throw-away veth pairs. */
package dev.javelin.afxdp.testing;
