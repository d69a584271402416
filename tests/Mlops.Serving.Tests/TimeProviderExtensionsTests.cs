namespace Mlops.Serving.Tests;

public sealed class TimeProviderExtensionsTests
{
    private static readonly AsyncLocal<string?> s_ambient = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CreateDetachedTimer_AmbientValues_AreNotKeptAndStayWithTheCaller(bool isSuppressed)
    {
        s_ambient.Value = "of the caller";
        var seen = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Null(await WaitAsync());
        Assert.Equal("of the caller", await Task.Run(() => s_ambient.Value, TestContext.Current.CancellationToken));

        async Task<string?> WaitAsync()
        {
            ITimer timer;
            using (isSuppressed ? ExecutionContext.SuppressFlow() : default)
            {
                timer = TimeProvider.System.CreateDetachedTimer(_ => seen.TrySetResult(s_ambient.Value), null, TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                Assert.Equal(isSuppressed, ExecutionContext.IsFlowSuppressed());
            }

            await using (timer) return await seen.Task;
        }
    }
}
