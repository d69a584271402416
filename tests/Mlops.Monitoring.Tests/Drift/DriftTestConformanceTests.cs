using Mlops.Data;
using Mlops.Profiles;
using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class KolmogorovSmirnovConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new KolmogorovSmirnov();
}

public sealed class WassersteinConformanceTests : DriftTestConformance
{
    protected override IDriftTest CreateTest() => new Wasserstein();
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
