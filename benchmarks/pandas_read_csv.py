"""Reads the file of CsvBenchmarks with pandas, for comparison: MB/s, best of 4. Run the benchmark first, which makes the file."""
import os, tempfile, time
import pandas

path = os.path.join(tempfile.gettempdir(), "mlops-chicago-200mb.csv")
best = min((lambda start: (pandas.read_csv(path), time.perf_counter() - start)[1])(time.perf_counter()) for _ in range(4))
print(f"pandas {pandas.__version__}: {best * 1000:.0f} ms, {os.path.getsize(path) / best / 1e6:.0f} MB/s")
