using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class PageHinkleyConformanceTests : DriftDetectorConformance
{
    protected override int MaximumDelay => 200;

    protected override IDriftDetector CreateDetector() => new PageHinkley();

    protected override double NextValue(Random random, bool hasChanged) => (hasChanged ? 0.9 : 0.1) + (0.2 * random.NextDouble());
}

public sealed class AdwinConformanceTests : DriftDetectorConformance
{
    protected override int MaximumDelay => 100;

    protected override IDriftDetector CreateDetector() => new Adwin();

    protected override double NextValue(Random random, bool hasChanged) => (hasChanged ? 100 : 0) + (50 * random.NextDouble());
}

public sealed class RiverCompatibleAdwinConformanceTests : DriftDetectorConformance
{
    protected override int MaximumDelay => 150;

    protected override IDriftDetector CreateDetector() => new Adwin(new AdwinOptions { IsRiverCompatible = true });

    protected override double NextValue(Random random, bool hasChanged) => (hasChanged ? 100 : 0) + (50 * random.NextDouble());
}

public sealed class DdmConformanceTests : DriftDetectorConformance
{
    protected override int MaximumDelay => 600;

    // The method's limit of three standard deviations is tested after every value, so some alarms come by chance.
    protected override int MaximumFalseAlarms => 20;

    protected override IDriftDetector CreateDetector() => new Ddm();

    protected override double NextValue(Random random, bool hasChanged) => random.NextDouble() < (hasChanged ? 0.8 : 0.2) ? 1 : 0;
}
