using System.ComponentModel.DataAnnotations;

namespace Mlops.Evaluation;

/// <summary>How confidence intervals are made of bootstrap samples.</summary>
public sealed class BootstrapOptions
{
    /// <summary>Gets or sets the number of samples; a percentile of 2.5 % needs 200 or more, a small p-value more than its inverse.</summary>
    /// <value>The default value is 200.</value>
    [Range(2, 1_000_000)]
    public int Samples { get; set; } = 200;

    /// <summary>Gets or sets the largest number of rows that samples are drawn from, which bounds the work; of more rows a random share is taken, and the interval is narrowed by the root of that share.</summary>
    /// <value>The default value is 50 000.</value>
    [Range(100, int.MaxValue)]
    public int MaximumRows { get; set; } = 50_000;

    /// <summary>Gets or sets the probability with which an interval is to hold the true value, above 0 and below 1.</summary>
    /// <value>The default value is 0.95.</value>
    [Range(0, 1, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double Level { get; set; } = 0.95;

    /// <summary>Gets or sets the seed: equal seeds draw equal samples, on every machine and for every number of threads.</summary>
    /// <value>The default value is 42.</value>
    public ulong Seed { get; set; } = 42;

    /// <summary>Gets or sets how samples are drawn.</summary>
    /// <value>The default value is <see cref="BootstrapResampling.Multinomial"/>.</value>
    public BootstrapResampling Resampling { get; set; } = BootstrapResampling.Multinomial;

    /// <summary>Gets or sets how many samples are judged at a time; no result depends on it.</summary>
    /// <value>The default value is the number of processors.</value>
    [Range(1, 1024)]
    public int MaximumParallelism { get; set; } = Environment.ProcessorCount;

    /// <summary>Refuses options that make no sense.</summary>
    /// <exception cref="ArgumentException">One of them is out of its range.</exception>
    internal void Check()
    {
        if (Samples < 2) throw new ArgumentException($"{Samples} bootstrap samples make no interval; ask for 2 or more, better 200.", nameof(Samples));
        if (Level is not (> 0 and < 1)) throw new ArgumentException("The level of an interval is above 0 and below 1.", nameof(Level));
        if (MaximumRows < 100) throw new ArgumentException("Samples are drawn from 100 rows or more.", nameof(MaximumRows));
        if (MaximumParallelism < 1) throw new ArgumentException("At least one sample is judged at a time.", nameof(MaximumParallelism));
    }
}
