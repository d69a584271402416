using Mlops.Data;
using Mlops.Profiles;
using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class KolmogorovSmirnovConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new KolmogorovSmirnov();
}

public sealed class PopulationStabilityIndexConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new PopulationStabilityIndex();
}

public sealed class WassersteinConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new Wasserstein();
}

public sealed class ChiSquaredConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new ChiSquared();

    protected override ColumnProfile CreateProfile(double[] values)
    {
        var profile = new ColumnProfile("column", ElementType.String);
        profile.Add(TextColumn.FromStrings([.. values.Select(value => double.IsNaN(value) ? null : $"{Math.Clamp(Math.Round(value), -2, 2)}")]));
        return profile;
    }
}

public sealed class MissingValuesConformanceTests : DriftTestConformance
{
    protected override bool IsAboutPresence => true;

    protected override IDriftTest CreateTest() => new MissingValues();

    protected override ColumnProfile CreateProfile(double[] values)
    {
        var profile = new ColumnProfile("column", ElementType.Float64);
        profile.Add([.. values.Select(value => value > 1 ? double.NaN : value)]);
        return profile;
    }
}
