using Mlops.Data;
using Mlops.Profiles;
using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public abstract class CategoryTestConformance : DriftTestConformance
{
    protected override ColumnProfile CreateProfile(double[] values)
    {
        var profile = new ColumnProfile("column", ElementType.String);
        profile.Add(TextColumn.FromStrings([.. values.Select(value => double.IsNaN(value) ? null : $"category {GetCategory(value)}")]));
        return profile;
    }
}

public abstract class TwoCategoryTestConformance : CategoryTestConformance
{
    protected override int CategoryCount => 2;

    protected override int GetCategory(double value) => value > 0.5 ? 1 : 0;
}

public sealed class ChiSquaredConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new ChiSquared();
}

public sealed class ChiSquaredExactConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new ChiSquared(pValueMethod: PValueMethod.Exact);
}

public sealed class GTestConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new GTest();
}

public sealed class TotalVariationConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new TotalVariation();
}

public sealed class LInfinityConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new LInfinity();
}

public sealed class FisherExactConformanceTests : TwoCategoryTestConformance
{
    protected override IDriftTest CreateTest() => new FisherExact();
}

public sealed class FisherExactManyConformanceTests : CategoryTestConformance
{
    protected override IDriftTest CreateTest() => new FisherExact(permutations: 999);
}

public sealed class TwoProportionsConformanceTests : TwoCategoryTestConformance
{
    protected override IDriftTest CreateTest() => new TwoProportions();
}
