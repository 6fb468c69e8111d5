package dev.javelin.bench.jmh;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the baseline of a benchmark method: a benchmark method of the same class, with no baseline of its own, whose
 * parameters the annotated method has too. {@link Benchmarks} prints the ratio of the two.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ComparedWith {
    /**
     * The baseline.
     *
     * @return name of the method
     */
    String value();
}
