namespace Mlops.Tracking.Tests;

public sealed class RunOwnerTests
{
    // Beyond what Linux gives.
    private const int NoProcess = int.MaxValue;

    [Fact]
    public void IsKnownDead_ThisMachineAndContainer_KnowsWhoLives()
    {
        var current = RunOwner.Current;
        Assert.False(current.IsKnownDead());
        Assert.True((current with { ProcessId = NoProcess }).IsKnownDead());
        Assert.True((current with { ProcessStart = "7" }).IsKnownDead());
        Assert.False((current with { Host = "another", ProcessId = NoProcess }).IsKnownDead());
    }

    [Fact]
    public void IsKnownDead_ContainerOrMachineOfTheSameName_IsNeverKnown()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has namespaces of processes.");
        var current = RunOwner.Current;
        var parts = current.ProcessStart.Split('/');
        Assert.Equal(3, parts.Length);
        Assert.Equal(new FileInfo("/proc/self/ns/pid").LinkTarget, $"pid:[{parts[2]}]");
        // Its number means another process here, or none.
        foreach (var id in new[] { NoProcess, current.ProcessId })
        {
            Assert.False((current with { ProcessId = id, ProcessStart = $"{parts[0]}/1/1" }).IsKnownDead());
            Assert.False((current with { ProcessId = id, ProcessStart = $"11111111-2222-3333-4444-555555555555/{parts[1]}/{parts[2]}" }).IsKnownDead());
        }

        Assert.True((current with { ProcessStart = $"{parts[0]}/1/{parts[2]}" }).IsKnownDead());
    }

    [Fact]
    public void IsKnownDead_ValueWithoutNamespace_IsReadAsBefore()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has namespaces of processes.");
        var current = RunOwner.Current;
        var parts = current.ProcessStart.Split('/');
        Assert.False((current with { ProcessStart = $"{parts[0]}/{parts[1]}" }).IsKnownDead());
        Assert.True((current with { ProcessStart = $"{parts[0]}/1" }).IsKnownDead());
        Assert.True((current with { ProcessId = NoProcess, ProcessStart = $"{parts[0]}/{parts[1]}" }).IsKnownDead());
    }
}
