using System.Globalization;
using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IRunLeaseStore"/> does. Derive a test class for each implementation.</summary>
public abstract class RunLeaseStoreConformance
{
    private static readonly DateTimeOffset s_now = new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes empty stores.</summary>
    /// <param name="timeProvider">The clock that leases are measured by.</param>
    /// <returns>The stores.</returns>
    protected abstract Task<TrackingStores> CreateAsync(TimeProvider timeProvider);

    /// <summary>A run of another machine lives as long as its lease.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task EndAbandonedRunsAsync_LeaseOver_EndsTheRun()
    {
        var time = new ManualTimeProvider(s_now);
        var stores = await CreateAsync(time);
        var run = await stores.CreateRunAsync(lease: Elsewhere(20), cancellationToken: Token);
        var other = await stores.CreateRunAsync(lease: Elsewhere(30), cancellationToken: Token);
        time.Advance(TimeSpan.FromSeconds(10));
        await stores.Leases.RenewLeasesAsync([run.Id], Elsewhere(20), Token);
        time.Advance(TimeSpan.FromSeconds(19));
        Assert.Empty(await stores.Leases.EndAbandonedRunsAsync(Token));
        await stores.Leases.RenewLeasesAsync([other.Id], Elsewhere(30), Token);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([run.Id], await stores.Leases.EndAbandonedRunsAsync(Token));
        var ended = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal((RunStatus.Killed, s_now.AddSeconds(31)), (ended.Status, ended.EndTime));
        Assert.Equal(RunStatus.Running, (await stores.Runs.FindRunAsync(other.Id, Token))!.Status);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await stores.Leases.EndAbandonedRunsAsync(Token));
    }

    /// <summary>Who does not hold a run, because another process has resumed it, does not keep the lease of that one alive.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RenewLeasesAsync_AnotherProcessHoldsTheRun_DoesNothing()
    {
        var time = new ManualTimeProvider(s_now);
        var stores = await CreateAsync(time);
        var (run, mine) = (await stores.CreateRunAsync(lease: Elsewhere(20), cancellationToken: Token), Elsewhere(60));
        foreach (var owner in new[] { mine.Owner with { Host = "another" }, mine.Owner with { ProcessId = 2 }, mine.Owner with { ProcessStart = "2" } })
            await stores.Leases.RenewLeasesAsync([run.Id], new RunLease(owner, TimeSpan.FromHours(1)), Token);
        time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal([run.Id], await stores.Leases.EndAbandonedRunsAsync(Token));
        await stores.Runs.ResumeRunAsync(run.Id, mine, Token);
        await stores.Leases.RenewLeasesAsync([run.Id], mine with { Duration = TimeSpan.FromSeconds(120) }, Token);
        time.Advance(TimeSpan.FromSeconds(119));
        Assert.Empty(await stores.Leases.EndAbandonedRunsAsync(Token));
    }

    /// <summary>A run whose process is gone from this machine ends at once, one whose process lives does not.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task EndAbandonedRunsAsync_ProcessGone_EndsTheRunBeforeItsLease()
    {
        var stores = await CreateAsync(new ManualTimeProvider(s_now));
        // This process's identifier, but another start: the identifier was used again.
        var lease = new RunLease(RunOwner.Current with { ProcessStart = "7" }, TimeSpan.FromHours(1));
        var dead = await stores.CreateRunAsync(lease: lease, cancellationToken: Token);
        var alive = await stores.CreateRunAsync(cancellationToken: Token);
        await stores.Leases.RenewLeasesAsync([dead.Id], lease, Token);
        await stores.Leases.RenewLeasesAsync([alive.Id], new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        Assert.Equal([dead.Id], await stores.Leases.EndAbandonedRunsAsync(Token));
        Assert.Equal(RunStatus.Running, (await stores.Runs.FindRunAsync(alive.Id, Token))!.Status);
        var reason = (await stores.Runs.FindRunAsync(dead.Id, Token))!.Tags[RunTags.Error];
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"process {lease.Owner.ProcessId} on '{lease.Owner.Host}', which held the run, is gone"), reason, StringComparison.Ordinal);
        await stores.Runs.ResumeRunAsync(dead.Id, new RunLease(RunOwner.Current, TimeSpan.FromHours(1)), Token);
        Assert.DoesNotContain(RunTags.Error, (await stores.Runs.FindRunAsync(dead.Id, Token))!.Tags);
    }

    /// <summary>A run whose lease was over says so, until its process tells how it really ended.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task EndAbandonedRunsAsync_LeaseOver_SaysWhyUntilTheProcessSaysMore()
    {
        var time = new ManualTimeProvider(s_now);
        var stores = await CreateAsync(time);
        var (cutOff, failed) = (await stores.CreateRunAsync(lease: Elsewhere(1), cancellationToken: Token), await stores.CreateRunAsync(lease: Elsewhere(1), cancellationToken: Token));
        time.Advance(TimeSpan.FromMinutes(1));
        var said = await stores.CreateRunAsync(lease: Elsewhere(1), cancellationToken: Token);
        await stores.Runs.UpdateRunAsync(said.Id, new RunChanges { Tags = [new(RunTags.Error, "no memory")] }, Token);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await stores.Leases.EndAbandonedRunsAsync(Token)).Count);
        Assert.Equal("no memory", (await stores.Runs.FindRunAsync(said.Id, Token))!.Tags[RunTags.Error]);
        var reason = (await stores.Runs.FindRunAsync(cutOff.Id, Token))!.Tags[RunTags.Error];
        Assert.Contains("process 1 on 'a machine that is not this one'", reason, StringComparison.Ordinal);
        Assert.Contains("did not renew its lease, which ended at 20", reason, StringComparison.Ordinal);

        await stores.Runs.UpdateRunAsync(cutOff.Id, new RunChanges { Tags = [new("late", "1")] }, Token);
        Assert.Equal(reason, (await stores.Runs.FindRunAsync(cutOff.Id, Token))!.Tags[RunTags.Error]);
        await stores.Runs.EndRunAsync(cutOff.Id, RunStatus.Finished, s_now, Token);
        await stores.Runs.UpdateRunAsync(failed.Id, new RunChanges { Tags = [new(RunTags.Error, "its own")], End = new RunEnd(RunStatus.Failed, s_now) }, Token);
        Assert.DoesNotContain(RunTags.Error, (await stores.Runs.FindRunAsync(cutOff.Id, Token))!.Tags);
        Assert.Equal("its own", (await stores.Runs.FindRunAsync(failed.Id, Token))!.Tags[RunTags.Error]);
    }

    /// <summary>A run that no process holds is never taken for abandoned, also when a lease that it does not have is renewed.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task EndAbandonedRunsAsync_RunWithoutLease_LeavesItAlone()
    {
        var time = new ManualTimeProvider(s_now);
        var stores = await CreateAsync(time);
        var experiment = await stores.Experiments.CreateExperimentAsync("e", null, Token);
        var run = new RunSnapshot(Ids.Create(TimeProvider.System), experiment.Id, "r", RunStatus.Running, s_now);
        await stores.Runs.CreateRunAsync(run, null, Token);
        await stores.Leases.RenewLeasesAsync([run.Id], Elsewhere(1), Token);
        time.Advance(TimeSpan.FromDays(365));
        Assert.Empty(await stores.Leases.EndAbandonedRunsAsync(Token));
        Assert.Equal(RunStatus.Running, (await stores.Runs.FindRunAsync(run.Id, Token))!.Status);
    }

    /// <summary>A run that has ended is left as it is, and renewing its lease does nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task EndAbandonedRunsAsync_EndedRun_LeavesItAlone()
    {
        var time = new ManualTimeProvider(s_now);
        var stores = await CreateAsync(time);
        var run = await stores.CreateRunAsync(lease: Elsewhere(30), cancellationToken: Token);
        await stores.Leases.RenewLeasesAsync([run.Id], Elsewhere(1), Token);
        await stores.Runs.EndRunAsync(run.Id, RunStatus.Finished, s_now, Token);
        await stores.Leases.RenewLeasesAsync([run.Id, new string('0', 32)], Elsewhere(1), Token);
        time.Advance(TimeSpan.FromDays(365));
        Assert.Empty(await stores.Leases.EndAbandonedRunsAsync(Token));
        Assert.Equal(RunStatus.Finished, (await stores.Runs.FindRunAsync(run.Id, Token))!.Status);
    }

    /// <summary>A lease that is over before it begins is a mistake.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task RenewLeasesAsync_NoDuration_Throws()
    {
        var stores = await CreateAsync(new ManualTimeProvider(s_now));
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => stores.Leases.RenewLeasesAsync([run.Id], Elsewhere(0), Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => stores.CreateRunAsync(lease: Elsewhere(-1), cancellationToken: Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => stores.Runs.ResumeRunAsync(run.Id, Elsewhere(0), Token));
    }

    private static RunLease Elsewhere(int seconds) => new(new RunOwner("a machine that is not this one", 1, "1"), TimeSpan.FromSeconds(seconds));
}
