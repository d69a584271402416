using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class KolmogorovSmirnovAsymptoticConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new KolmogorovSmirnov(method: PValueMethod.Asymptotic);
}

public sealed class CramerVonMisesConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new CramerVonMises();
}

public sealed class AndersonDarlingConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new AndersonDarling();
}

public sealed class MannWhitneyConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new MannWhitney();
}

public sealed class StudentTConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new StudentT();
}

public sealed class WelchTConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new WelchT();
}

public sealed class BrunnerMunzelConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new BrunnerMunzel();
}

public sealed class EppsSingletonConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new EppsSingleton();
}

public sealed class EnergyDistanceConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new EnergyDistance();
}

/// <summary>Spreads are what Levene's test is about, so a shift is made to one of spread by taking the values outward from 0.</summary>
public sealed class LeveneConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new SpreadShift(new Levene());

    private sealed class SpreadShift(Levene levene) : ISampleDriftTest
    {
        public string Name => levene.Name;

        public double DefaultMinimumEffect => levene.DefaultMinimumEffect;

        public DriftResult Test(ReadOnlySpan<double> reference, ReadOnlySpan<double> current, DriftTestOptions? options = null)
            => levene.Test(Spread(reference), Spread(current), options);

        // Alternating the sign in the order of size turns a shift of the values into one of their spread, whatever order they come in.
        private static double[] Spread(ReadOnlySpan<double> values)
        {
            var sorted = values.ToArray().Order().ToArray();
            for (var i = 0; i < sorted.Length; i += 2) sorted[i] = -Math.Exp(sorted[i]);
            for (var i = 1; i < sorted.Length; i += 2) sorted[i] = Math.Exp(sorted[i]);
            return sorted;
        }
    }
}
