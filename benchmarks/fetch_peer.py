"""img2dataset's side of `fetch.ts`: fetches a list of addresses and prints one JSON line.

Arguments: list (one address a line), output folder, connections, processes. Its fastest settings: the bytes are
neither decoded nor encoded, EXIF is not read; sha256 of the bytes, files, as on our side.
"""

import glob
import json
import resource
import sys
import time


def main():
    urls, folder, connections, processes = sys.argv[1:5]
    import img2dataset

    with open(urls, encoding="utf-8") as file:
        count = sum(1 for _ in file)
    began = time.time()
    img2dataset.download(
        url_list=urls,
        output_folder=folder,
        input_format="txt",
        output_format="files",
        processes_count=int(processes),
        thread_count=int(connections) // int(processes),
        number_sample_per_shard=-(-count // int(processes)),
        resize_mode="no",
        disable_all_reencoding=True,
        extract_exif=False,
        compute_hash="sha256",
        timeout=10,
        retries=0,
    )
    whole = time.time() - began
    stats = []
    for path in glob.glob(folder + "/*_stats.json"):
        with open(path, encoding="utf-8") as file:
            stats.append(json.load(file))
    seconds = max(each["end_time"] for each in stats) - min(each["start_time"] for each in stats)
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "images": sum(each["successes"] for each in stats),
                "seconds": seconds,
                "wholeSeconds": whole,
                "cpuSeconds": sum(each.ru_utime + each.ru_stime for each in usage),
                "peakRssMb": round(max(each.ru_maxrss for each in usage) / 1024),
            }
        )
    )


if __name__ == "__main__":
    main()
