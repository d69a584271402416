namespace Mlops.Monitoring;

/// <summary>The law of the two-sample Anderson–Darling statistic without drift.</summary>
/// <remarks>
/// <para>The limit is the law of Σ Zⱼ²/(j(j + 1)), whose mean is 1. Its tail is the sum (1/π)·Σ (−1)ᵏ⁺¹ ∫ e^(−xv(v+1)/2)·(2v + 1)·√(π/(v(v + 1)·|sin πv|)) dv over (2k − 1, 2k):
/// N. V. Smirnov's inversion (1936) with the Fredholm determinant of T. W. Anderson and D. A. Darling (1952).</para>
/// <para>F. W. Scholz and M. A. Stephens, "K-sample Anderson–Darling tests", JASA 82 (1987), interpolate ln p between tabulated critical values by a parabola,
/// which holds from 0.25 to 0.001 only: beyond, the parabola turns up again and makes strong drift look harmless.</para>
/// </remarks>
internal static class AndersonDarlingDistribution
{
    private static readonly QuantileCache s_quantiles = new(UpperTail, 4);
    private static readonly double[] s_significances = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
    private static readonly double[] s_normal = [0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085];
    private static readonly double[] s_perRoot = [-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615];
    private static readonly double[] s_perSample = [-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154];

    /// <summary>The limiting variance of the statistic before it is standardized: 2(π² − 9)/3.</summary>
    public static double Variance => 2 * ((Math.PI * Math.PI) - 9) / 3;

    /// <summary>Gets the limiting probability of a value of A² above <paramref name="statistic"/>.</summary>
    public static double UpperTail(double statistic)
    {
        if (statistic < 0.05) return 1;
        var nodes = statistic > 8 ? 1024 : 256;
        double sum = 0;
        for (var k = 1; k < 1000; k++)
        {
            double start = (2 * k) - 1;
            if (statistic * start * (start + 1) / 2 > 750) break;
            double term = 0;
            for (var i = 0; i < nodes; i++)
            {
                var angle = (i + 0.5) * Math.PI / nodes;
                var half = Math.Sin(angle / 2);
                var beyond = half * half;
                var v = start + beyond;
                var lambda = v * (v + 1);
                term += Math.Exp(-statistic * lambda / 2) * ((2 * v) + 1) * Math.Sin(angle) * Math.Sqrt(Math.PI / (lambda * Math.Sin(Math.PI * beyond)));
            }

            sum += ((k & 1) == 1 ? term : -term) / 2 * Math.PI / nodes;
            if (Math.Abs(term) <= 1e-18 * Math.Abs(sum)) break;
        }

        return Math.Clamp(sum / Math.PI, 0, 1);
    }

    /// <summary>Gets the value of A² that is exceeded with the given probability.</summary>
    public static double UpperQuantile(double probability) => s_quantiles.Get(probability);

    /// <summary>Gets the p-value of a standardized statistic by the parabola through the tabulated critical values of two samples, not held to their range.</summary>
    public static double InterpolateUpperTail(double standardized)
    {
        var places = new double[s_significances.Length];
        var logs = new double[s_significances.Length];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = s_normal[i] + s_perRoot[i] + s_perSample[i];
            logs[i] = Math.Log(s_significances[i]);
        }

        var parabola = MathNet.Numerics.Fit.Polynomial(places, logs, 2);
        return Math.Exp(parabola[0] + (standardized * (parabola[1] + (standardized * parabola[2]))));
    }
}
